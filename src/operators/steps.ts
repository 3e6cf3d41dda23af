/**
 * A sequence of acts of which none may hold up the next: closing, publishing, killing. For the end of every exec, so it
 * costs one Observable for the whole sequence, and no timer for what completes at once.
 */
import { EMPTY, type Observable, type SchedulerLike } from 'rxjs';
import { Direct, type DirectObserver } from './direct.js';
import { type SettleFailure, Settling } from './settle-within.js';

export interface Step {
  /** Called when its turn comes. Values are ignored. */
  readonly act: () => Observable<unknown>;
  /** In milliseconds. Then the act is unsubscribed and the next step begins. */
  readonly within: number;
  /** Called with the failure: the act threw, failed or timed out. */
  onFailure?(failure: SettleFailure): void;
}

/**
 * Returns an Observable that performs the steps one after another when subscribed to, each until it completes, fails or
 * times out, then emits what `last` returns (unless that is `undefined`) and completes. It never errors. Unsubscribing
 * cancels the step in progress, and starts no other.
 *
 * @example steps([{ act: () => file.close(), within: 1000 }], asyncScheduler, () => 'closed')
 */
export const steps = <T = never>(
  sequence: readonly Step[],
  scheduler: SchedulerLike,
  last: () => T | undefined = () => undefined,
): Observable<T> => new Sequence(sequence, scheduler, last);

class Sequence<T> extends Direct<T> {
  readonly #sequence: readonly Step[];
  readonly #scheduler: SchedulerLike;
  readonly #last: () => T | undefined;

  constructor(sequence: readonly Step[], scheduler: SchedulerLike, last: () => T | undefined) {
    super();
    this.#sequence = sequence;
    this.#scheduler = scheduler;
    this.#last = last;
  }

  connect(observer: DirectObserver<T>): Performance<T> {
    const performance = new Performance(this.#sequence, this.#scheduler, this.#last, observer);
    performance.begin();
    return performance;
  }
}

// A class, because one object with its methods on a prototype costs less than a closure for each of them.
class Performance<T> {
  readonly #sequence: readonly Step[];
  readonly #scheduler: SchedulerLike;
  readonly #last: () => T | undefined;
  readonly #listener: DirectObserver<T>;
  /** The step in progress. */
  #at = -1;
  #acting: Settling | undefined;

  constructor(
    sequence: readonly Step[],
    scheduler: SchedulerLike,
    last: () => T | undefined,
    listener: DirectObserver<T>,
  ) {
    this.#sequence = sequence;
    this.#scheduler = scheduler;
    this.#last = last;
    this.#listener = listener;
  }

  begin(): void {
    this.#next();
  }

  unsubscribe(): void {
    this.#acting?.unsubscribe();
  }

  // A loop rather than a call within a call: most acts complete at once.
  #next(): void {
    for (;;) {
      if (this.#listener.closed) return;
      this.#at += 1;
      const step = this.#sequence[this.#at];
      if (step === undefined) {
        const value = this.#last();
        if (value !== undefined) this.#listener.next(value);
        this.#listener.complete();
        return;
      }
      if (this.#isUnderWay(step)) return;
    }
  }

  /** Starts a step. Returns false if it ended at once. */
  #isUnderWay(step: Step): boolean {
    let act$: Observable<unknown>;
    try {
      act$ = step.act();
    } catch (error) {
      step.onFailure?.({ kind: 'failed', error });
      return false;
    }
    // An act without work returns EMPTY: the usual case on a release, and not worth a subscription.
    if (act$ === EMPTY) return false;
    let wentOn = false;
    const acting = new Settling((failure) => {
      if (failure !== undefined) step.onFailure?.(failure);
      if (wentOn) this.#next();
    });
    this.#acting = acting;
    wentOn = acting.await(act$, { scheduler: this.#scheduler, within: step.within });
    if (this.#listener.closed) acting.unsubscribe();
    return wentOn;
  }
}
