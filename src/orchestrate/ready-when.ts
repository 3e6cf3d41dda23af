/** Work that says when it can be used: its port takes connections, it has written a line, a check says so. */
import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { invalid, RxshimError } from '../hcs/failures/errors.js';
import { refuseUnknown } from '../hcs/failures/refuse-unknown.js';
import { Stoppable } from '../run/stoppable.js';
import { requireTime } from '../streams/policies.js';
import { type Condition, describe, watcher } from './condition.js';
import type { ReadyEvent, WorkEvent } from './settled.js';

/** Options of `readyWhen`. */
export interface ReadyOptions {
  /** Milliseconds from its start within which it has to be ready; otherwise it is stopped. Default 30000. */
  readonly timeout?: number;
  /** Milliseconds between two checks of a port, a page or a command. Default 100. */
  readonly interval?: number;
  readonly scheduler?: SchedulerLike;
}

/**
 * Returns the same work, which emits `ready` once, when the condition holds for the first time after its start.
 *
 * If it is not ready in time it is stopped, and fails with `unavailable` once nothing of it is left. If it ends before, it
 * fails as it does, or with `failedPrecondition` where it ended well.
 *
 * @throws RxshimError `invalidArgument` for a condition that cannot be.
 * @example
 * readyWhen(run(local(), ['node', 'server.js']), { port: 8080 }).subscribe(({ kind }) => console.log(kind));
 */
export const readyWhen = <E extends WorkEvent, R>(
  work: Stoppable<E, R>,
  condition: Condition,
  options: ReadyOptions = {},
): Stoppable<E | ReadyEvent, R> => {
  refuseUnknown('', options, ['timeout', 'interval', 'scheduler']);
  const { timeout = 30_000, interval = 100, scheduler = asyncScheduler } = options;
  if (typeof work?.begin !== 'function') throw invalid('work', work, 'what run() returns');
  requireTime('timeout', timeout);
  requireTime('interval', interval);
  const what = describe(condition);
  return new Stoppable<E | ReadyEvent, R>(
    (observer, gone) => {
      const watching: Subscription[] = [];
      let begunAt = 0;
      let state: 'waiting' | 'ready' | 'late' | 'stopped' = 'waiting';
      let failure: { readonly error: unknown } | undefined;
      const end = (): void => {
        for (const watch of watching.splice(0)) watch.unsubscribe();
      };
      const ready = (): void => {
        if (state !== 'waiting') return;
        state = 'ready';
        end();
        observer.next({ kind: 'ready', after: scheduler.now() - begunAt });
      };
      const late = (): void => {
        if (state !== 'waiting') return;
        state = 'late';
        end();
        begun.stop();
      };
      const watch = watcher(condition, { interval, scheduler, ready });
      const begun = work.begin({
        next: (event) => {
          if (event.kind === 'result' && state === 'waiting' && failure === undefined) {
            const text = `readyWhen: it ended with status ${event.status} before ${what}`;
            failure = { error: new RxshimError('failedPrecondition', text) };
          }
          if (failure === undefined && !(state === 'late' && event.kind === 'result')) observer.next(event);
          if (event.kind === 'started') {
            begunAt = scheduler.now();
            watching.push(scheduler.schedule(late, timeout), watch.started());
          }
          if (event.kind === 'output') watch.output(event);
        },
        error: (error) => {
          failure = { error };
        },
        complete: () => undefined,
      });
      begun.gone$.subscribe({
        complete: () => {
          end();
          if (state === 'late')
            observer.error(new RxshimError('unavailable', `readyWhen: not within ${timeout} ms: ${what}`));
          else if (failure !== undefined) observer.error(failure.error);
          else observer.complete();
          gone();
        },
      });
      return {
        stop: (reason) => {
          if (state === 'waiting') state = 'stopped';
          end();
          begun.stop(reason);
        },
      };
    },
    (event) => (event.kind === 'result' ? { value: event as unknown as R } : undefined),
  );
};
