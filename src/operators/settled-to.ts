/** For an act whose outcome, good or bad, is a value: a state machine's fact. */
import {
  EMPTY,
  Observable,
  type Observer,
  type SchedulerLike,
  type Subscriber,
  type Subscription,
} from 'rxjs';
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
): Observable<T> => new Observable((listener) => new Settling(listener, project).begin(act, timeout));

// A class, because one object with its methods on a prototype costs less than a closure for each of them.
class Settling<T> implements Observer<unknown> {
  readonly #listener: Subscriber<T>;
  readonly #project: (failure: SettleFailure | undefined) => T;
  #open = true;
  #acting: Subscription | undefined;
  #timer: Subscription | undefined;

  constructor(listener: Subscriber<T>, project: (failure: SettleFailure | undefined) => T) {
    this.#listener = listener;
    this.#project = project;
  }

  begin(act: () => Observable<unknown>, timeout: SettleTimeout | undefined): void {
    try {
      const act$ = act();
      // An act without work returns EMPTY: not worth a subscription.
      if (act$ === EMPTY) return this.complete();
      this.#acting = act$.subscribe(this);
    } catch (error) {
      this.error(error);
    }
    if (this.#acting === undefined) return;
    if (!this.#open) return this.#acting.unsubscribe();
    this.#listener.add(this.#acting);
    if (timeout === undefined) return;
    this.#timer = timeout.scheduler.schedule(() => this.#end({ kind: 'timedOut' }), timeout.within);
    this.#listener.add(this.#timer);
  }

  next(): void {}

  error(error: unknown): void {
    this.#end({ kind: 'failed', error });
  }

  complete(): void {
    this.#end(undefined);
  }

  #end(failure: SettleFailure | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    // Before the outcome is emitted: an act that has timed out must not succeed while subscribers handle the timeout.
    this.#acting?.unsubscribe();
    this.#timer?.unsubscribe();
    this.#listener.next(this.#project(failure));
    this.#listener.complete();
  }
}
