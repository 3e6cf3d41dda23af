/** Start: holds the queue until the exec runs and its start event is published, or the start has failed. */
import { Observable, type Subscriber, type TeardownLogic } from 'rxjs';
import { errorFrom } from '../../error-data.js';
import { invalidState } from '../errors.js';
import type { ExecLoop } from '../machine.js';
import type { State } from '../state/state.js';

export const start = (exec: ExecLoop): Observable<never> =>
  exec.ports.enqueue(
    new Observable((listener) => {
      const { phase, state } = exec.state;
      if (phase !== 'created') return listener.error(invalidState(exec.ports.options, state, 'start'));
      exec.post(started);
      return whenSettled(exec, listener, (now) =>
        now.failure ? errorFrom(now.failure) : invalidState(exec.ports.options, now.state, 'start'),
      );
    }),
  );

/** Completes when a start that is in flight has succeeded or failed. */
export const startSettled = (exec: ExecLoop): Observable<never> =>
  new Observable((listener) => whenSettled(exec, listener));

const whenSettled = (
  exec: ExecLoop,
  listener: Subscriber<never>,
  failure?: (now: State) => unknown,
): TeardownLogic => {
  const settle = (now: State): void => {
    if (now.announced || (now.phase === 'released' && failure === undefined)) listener.complete();
    else if (now.phase === 'released') listener.error(failure?.(now));
  };
  settle(exec.state);
  return listener.closed ? undefined : exec.changes$.subscribe(settle);
};

const started = { type: 'start' } as const;
