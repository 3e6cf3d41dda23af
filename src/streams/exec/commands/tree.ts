/** The process tree of an exec. It may outlive the process: a stop or a forced exit kills it and waits for its end. */
import { defer, EMPTY, filter, ignoreElements, type Observable, startWith, take } from 'rxjs';
import { steps } from '../../../operators/steps.js';
import { hasTree, killCall, treeKilled } from '../engine/kill-call.js';
import type { ExecLoop } from '../machine.js';
import { step } from '../ports.js';

/** The exec waits for its tree from now on, if the engine knows one. */
export const awaitTree = (exec: ExecLoop): void => exec.post({ type: 'treeAwaited' });

/** Completes when nothing of the tree runs, or when the exec no longer waits for it. */
export const treeEnded = (exec: ExecLoop): Observable<never> =>
  defer(() =>
    !hasTree(exec.ports, exec.state)
      ? EMPTY
      : exec.changes$.pipe(
          startWith(exec.state),
          // `unawaited` as well: the fact that asks for the wait may have yet to be delivered.
          filter(({ tree }) => tree === 'gone' || tree === 'timedOut'),
          take(1),
          ignoreElements(),
        ),
  );

/** Kills the processes that outlive the exited process, and waits for their end if the exec does. */
export const killLeftBehind = (exec: ExecLoop): Observable<never> =>
  killing(exec, () => {
    if (exec.state.tree !== 'unawaited') exec.post(treeKilled(exec.ports));
  });

/** The same. The exec waits for their end from now on. */
export const endLeftBehind = (exec: ExecLoop): Observable<never> =>
  killing(exec, () => exec.post(treeKilled(exec.ports)));

const killing = (exec: ExecLoop, expect: () => void): Observable<never> => {
  const { ports } = exec;
  const kill = (): Observable<unknown> => {
    if (!hasTree(ports, exec.state)) return EMPTY;
    expect();
    return killCall(ports, exec.state, 'tree');
  };
  const failing = 'failed to kill the processes that an exec has left behind';
  return steps([step(ports, kill, ports.policies.exitTimeout, failing)], ports.scheduler);
};
