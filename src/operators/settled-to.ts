/** For an act whose outcome, good or bad, is a value: a state machine's fact. */
import { Observable } from 'rxjs';
import { type SettleFailure, type SettleTimeout, Settling } from './settle-within.js';

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
    const settling = new Settling((failure) => {
      listener.next(project(failure));
      listener.complete();
    });
    settling.begin(act, timeout);
    return settling;
  });
