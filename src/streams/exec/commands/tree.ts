/** What an exec has started, and what may outlive its process: waited for and killed by a stop or a forced exit. */
import { defer, EMPTY, filter, ignoreElements, type Observable, startWith, take } from 'rxjs';
import { steps } from '../../../operators/steps.js';
import { hasTree, killCall, treeKilled } from '../engine/kill-call.js';
import type { ExecLoop } from '../machine.js';
import { step } from '../ports.js';

/** From here on the exec waits for its tree, where the engine knows one. */
export const awaitTree = (exec: ExecLoop): void => exec.post({ type: 'treeAwaited' });

/** Completes when nothing of the tree runs, or the exec does not wait for it any longer. */
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

/** Ends what outlives a process that has exited, and waits for that where the exec does. */
export const killLeftBehind = (exec: ExecLoop): Observable<never> =>
  killing(exec, () => {
    if (exec.state.tree !== 'unawaited') exec.post(treeKilled(exec.ports));
  });

/** The same, and the exec waits for the end of it from here on. */
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
