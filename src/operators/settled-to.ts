/** For an act whose outcome, good or bad, is a value: a state machine's fact. */
import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { SettleFailure } from './settle-within.js';

export interface SettleTimeout {
  readonly scheduler: SchedulerLike;
  /** In milliseconds. */
  readonly within: number;
}

/**
 * Returns an Observable that calls `act` when subscribed to, subscribes to what that returns, emits what `project` makes
 * of the outcome and completes. The outcome is `undefined` if the act completed, otherwise its failure: it threw, errored
 * or timed out. Values are ignored. Without a timeout it waits indefinitely. Unsubscribing unsubscribes the act.
 */
export const settledTo = <T>(
  act: () => Observable<unknown>,
  project: (failure: SettleFailure | undefined) => T,
  timeout?: SettleTimeout,
): Observable<T> =>
  new Observable((listener) => {
    let open = true;
    let acting: Subscription | undefined;
    let timer: Subscription | undefined;
    const end = (failure?: SettleFailure): void => {
      if (!open) return;
      open = false;
      // Before the outcome is emitted: an act that has timed out must not succeed while subscribers handle the timeout.
      acting?.unsubscribe();
      timer?.unsubscribe();
      listener.next(project(failure));
      listener.complete();
    };
    try {
      acting = act().subscribe({
        error: (error) => end({ kind: 'failed', error }),
        complete: () => end(),
      });
      if (open) listener.add(acting);
      else acting.unsubscribe();
    } catch (error) {
      end({ kind: 'failed', error });
    }
    if (!open || timeout === undefined) return;
    timer = timeout.scheduler.schedule(() => end({ kind: 'timedOut' }), timeout.within);
    listener.add(timer);
  });
