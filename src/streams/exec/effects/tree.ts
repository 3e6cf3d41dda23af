/**
 * The end of all that a process has started: it may outlive the process.
 *
 * The exit of an exec is that of its process. As long as its tree is being ended, output may still come and is waited
 * for, and the exec is released only afterwards: when an exec was stopped, nothing of it runs. An engine that never
 * reports the end of a tree delays that by no more than the time that a killed process may take.
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
