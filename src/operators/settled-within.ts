/**
 * `settleWithin` as an Observable, to compose with other steps.
 */
import { Observable, type SchedulerLike } from 'rxjs';
import { type SettleFailure, settleWithin } from './settle-within.js';

/**
 * Returns an Observable that calls `act` when subscribed to, and always completes without a value: when the act
 * completes, fails, or after `within` milliseconds. `onFailure` is called with the failure.
 */
export const settledWithin = (
  act: () => Observable<unknown>,
  within: number,
  scheduler: SchedulerLike,
  onFailure: (failure: SettleFailure) => void = () => undefined,
): Observable<never> =>
  new Observable((listener) => {
    settleWithin(act, within, scheduler, (failure) => {
      if (failure !== undefined) onFailure(failure);
      listener.complete();
    });
  });
