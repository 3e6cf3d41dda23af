/**
 * For work that must not hold up what follows: closing, publishing, reporting.
 */
import { EMPTY, type Observable, type Observer, type SchedulerLike, type Subscription } from 'rxjs';

/** Why an act was not awaited to its completion: it failed or timed out. */
export type SettleFailure =
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'timedOut' };

export interface SettleTimeout {
  readonly scheduler: SchedulerLike;
  /** In milliseconds. */
  readonly within: number;
}

/**
 * Calls `act`, subscribes, and calls `then` exactly once: when it completes, when it fails or throws, or after `within`
 * milliseconds, with the failure if there was one. Values are ignored. An act that times out is unsubscribed from; one
 * that completes synchronously sets no timer.
 *
 * Returns a function that ends the wait as a timeout does. Afterwards it does nothing.
 */
export const settleWithin = (
  act: () => Observable<unknown>,
  within: number,
  scheduler: SchedulerLike,
  then: (failure: SettleFailure | undefined) => void,
): (() => void) => {
  const settling = new Settling(then);
  settling.begin(act, { scheduler, within });
  return () => settling.timeOut();
};

/** One act until it completes, fails or times out, whichever comes first. */
// A class, because one object with its methods on a prototype costs less than a closure for each of them.
export class Settling implements Observer<unknown> {
  readonly #then: (failure: SettleFailure | undefined) => void;
  #open = true;
  #acting: Subscription | undefined;
  #timer: Subscription | undefined;

  /** @param then is called once, unless this is unsubscribed before. */
  constructor(then: (failure: SettleFailure | undefined) => void) {
    this.#then = then;
  }

  /** Calls the act and subscribes to what it returns. One that throws has failed. */
  begin(act: () => Observable<unknown>, timeout?: SettleTimeout): void {
    let act$: Observable<unknown>;
    try {
      act$ = act();
    } catch (error) {
      return this.error(error);
    }
    // An act without work returns EMPTY: the usual case on a release, and not worth a subscription.
    if (act$ === EMPTY) this.complete();
    else this.await(act$, timeout);
  }

  /** Subscribes to an act. Returns whether it is still under way. */
  await(act$: Observable<unknown>, timeout?: SettleTimeout): boolean {
    try {
      this.#acting = act$.subscribe(this);
    } catch (error) {
      this.error(error);
    }
    if (!this.#open) this.#acting?.unsubscribe();
    else if (timeout !== undefined)
      this.#timer = timeout.scheduler.schedule(() => this.timeOut(), timeout.within);
    return this.#open;
  }

  next(): void {}

  error(error: unknown): void {
    this.#end({ kind: 'failed', error });
  }

  complete(): void {
    this.#end(undefined);
  }

  timeOut(): void {
    this.#end({ kind: 'timedOut' });
  }

  unsubscribe(): void {
    this.#open = false;
    this.#acting?.unsubscribe();
    this.#timer?.unsubscribe();
  }

  #end(failure: SettleFailure | undefined): void {
    if (!this.#open) return;
    // Before the outcome is passed on: an act that has timed out must not succeed while the timeout is handled.
    this.unsubscribe();
    this.#then(failure);
  }
}
