/** For an act whose outcome, good or bad, is a value: a state machine's fact. */
import type { Observable } from 'rxjs';
import { Direct, type DirectObserver } from './direct.js';
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
): Observable<T> => new SettledTo(act, project, timeout);

class SettledTo<T> extends Direct<T> {
  readonly #act: () => Observable<unknown>;
  readonly #project: (failure: SettleFailure | undefined) => T;
  readonly #timeout: SettleTimeout | undefined;

  constructor(
    act: () => Observable<unknown>,
    project: (failure: SettleFailure | undefined) => T,
    timeout: SettleTimeout | undefined,
  ) {
    super();
    this.#act = act;
    this.#project = project;
    this.#timeout = timeout;
  }

  connect(observer: DirectObserver<T>): Settling {
    const settling = new Settling((failure) => {
      observer.next(this.#project(failure));
      observer.complete();
    });
    settling.begin(this.#act, this.#timeout);
    return settling;
  }
}
