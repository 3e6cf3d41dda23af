/** ForceExit: ends an exec and kills its process, even if a start or another call hangs. */
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
    // A start has no timeout of its own; this sets one.
    if (phase === 'starting' || phase === 'announcing') expectExit(exec, status);
    return enqueueUrgently(exec, () => end(exec, status));
  });

/** The same. If there is a process to kill, it does not wait in the queue. */
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
