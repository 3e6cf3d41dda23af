/** How commands use the queue of their exec: they run one at a time, and none blocks the others indefinitely. */
import { defer, Observable } from 'rxjs';
import type { ExecLoop } from '../machine.js';
import type { Fact } from '../state/fact.js';

/** The next command begins no later than `exitTimeout` after this one. */
export const enqueueBriefly = <T>({ ports }: ExecLoop, act: () => Observable<T>): Observable<T> =>
  ports.enqueue(defer(act), { workTimeout: ports.policies.exitTimeout });

/** The same for a command that must be performed: it waits in the queue no longer than that either. */
export const enqueueUrgently = <T>({ ports }: ExecLoop, act: () => Observable<T>): Observable<T> => {
  const { exitTimeout } = ports.policies;
  return ports.enqueue(defer(act), { workTimeout: exitTimeout, queueTimeout: exitTimeout });
};

/** Posts the fact that ends an exec which never ran; completes when it is released. */
export const untilReleased = (exec: ExecLoop, fact: Fact): Observable<never> =>
  new Observable((listener) => {
    exec.post(fact);
    return exec.over$.subscribe({ complete: () => listener.complete() });
  });

export const discard = (exec: ExecLoop, status: number): Observable<never> =>
  untilReleased(exec, { type: 'discard', status, at: exec.ports.scheduler.now() });
