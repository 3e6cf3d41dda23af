/** Start: holds the queue until the exec runs and its start event is published, or the start has failed. */
import { Observable } from 'rxjs';
import { errorFrom } from '../../error-data.js';
import { invalidState } from '../errors.js';
import type { ExecLoop } from '../machine.js';
import type { State } from '../state/state.js';

export const start = (exec: ExecLoop): Observable<never> =>
  exec.ports.enqueue(
    new Observable((listener) => {
      const { phase, state } = exec.state;
      const { options } = exec.ports;
      if (phase !== 'created') return listener.error(invalidState(options, state, 'start'));
      exec.post(started);
      const settle = (now: State): void => {
        if (now.announced) listener.complete();
        else if (now.phase === 'released') {
          listener.error(now.failure ? errorFrom(now.failure) : invalidState(options, now.state, 'start'));
        }
      };
      settle(exec.state);
      return listener.closed ? undefined : exec.changes$.subscribe(settle);
    }),
  );

const started = { type: 'start' } as const;
