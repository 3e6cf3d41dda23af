/**
 * Waits for the end of a process tree, which may outlive its process.
 *
 * The exit of an exec is the exit of its process. While its tree is being ended, output may still come: the exec waits
 * for it, and is released afterwards. So nothing of a stopped exec runs. If the engine never reports the end of a tree,
 * the wait takes no longer than a killed process may.
 */
import { defer, EMPTY, map, timer } from 'rxjs';
import { firstOr } from '../../../operators/first-or.js';
import type { ExecEffect } from '../ports.js';
import type { Fact } from '../state/fact.js';

const ended = (outcome: 'gone' | 'timedOut'): Fact => ({ type: 'treeEnded', outcome });

export const watchTree: ExecEffect = ({ handles, log }, { tree }) => {
  if (tree !== 'awaited') return EMPTY;
  return defer(() => handles.process?.tree?.gone$ ?? EMPTY).pipe(
    firstOr(
      () => ended('gone'),
      (error) => {
        if (error === undefined) return ended('gone');
        log?.warn({ err: error }, 'failed to wait for the processes that an exec has started');
        return ended('timedOut');
      },
    ),
  );
};

export const expectTree: ExecEffect = ({ scheduler }, { tree, treeDeadline }) =>
  tree !== 'awaited' || treeDeadline === undefined
    ? EMPTY
    : timer(Math.max(0, treeDeadline - scheduler.now()), scheduler).pipe(map(() => ended('timedOut')));
