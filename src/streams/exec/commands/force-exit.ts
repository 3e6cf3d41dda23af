/** ForceExit: ends an exec without asking. Neither a start nor a call that hangs can save its process. */
import { defer, ignoreElements, type Observable, tap } from 'rxjs';
import { requireUint32 } from '../../arguments.js';
import type { ExecLoop } from '../machine.js';
import { exitDeadline } from '../ports.js';
import { deliver, logFailure } from './deliver.js';
import { discard, enqueueUrgently } from './queue.js';
import { killLeftBehind } from './tree.js';

export const forceExit = (exec: ExecLoop, status: number): Observable<never> =>
  defer(() => {
    requireUint32('status', status);
    const { phase } = exec.state;
    // A start has no timeout of its own: from here on it has.
    if (phase === 'starting' || phase === 'announcing') expectExit(exec, status);
    return enqueueUrgently(exec, () => end(exec, status));
  });

/** The same without the queue where there is a process to kill. */
export const killNow = (exec: ExecLoop, status: number): Observable<never> =>
  defer(() => (exec.state.phase === 'running' ? end(exec, status) : forceExit(exec, status)));

const end = (exec: ExecLoop, status: number): Observable<never> => {
  switch (exec.state.state) {
    case 'created':
      return discard(exec, status);
    case 'running':
      expectExit(exec, status);
      return deliver(exec, { kind: 'kill' }).pipe(
        tap((outcome) => logFailure(exec, 'KILL', outcome)),
        ignoreElements(),
      );
    case 'exited':
      return killLeftBehind(exec);
  }
};

const expectExit = (exec: ExecLoop, status: number): void =>
  exec.post({ type: 'forceExit', status, deadline: exitDeadline(exec.ports) });
