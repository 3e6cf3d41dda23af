/**
 * Work that goes on until it is stopped, as an Observable that can also be awaited.
 *
 * Unsubscribing stops it and returns at once, as it must; `switchRun` must also know when nothing of it is left. So it
 * can be started without a subscription, with a function to stop it and a callback for its end.
 */
import { AsyncSubject, Observable, type Observer } from 'rxjs';
import type { RunStopReason } from './run-interface.js';

/** Work in progress. */
export interface Begun {
  /** Starts the stop policy. Only the first call counts. Default reason: `unsubscribed`. */
  stop(reason?: RunStopReason): void;
}

/** `gone` is called once, last, when nothing of it is left: also when it failed. */
export type Begin<E> = (observer: Observer<E>, gone: () => void) => Begun;

/** An Observable that can be awaited, and that stops what it started when it is unsubscribed from. */
export class Stoppable<E, R> extends Observable<E> implements Promise<R> {
  readonly #begin: Begin<E>;
  /** Its events are those of E: typed so, a `Stoppable<E>` is no `Stoppable` of a wider type. */
  readonly #resultOf: (event: unknown) => { readonly value: R } | undefined;
  #awaited: Promise<R> | undefined;

  constructor(begin: Begin<E>, resultOf: (event: E) => { readonly value: R } | undefined) {
    super((listener) => {
      const begun = begin(listener, () => undefined);
      return () => begun.stop();
    });
    this.#begin = begin;
    this.#resultOf = resultOf as (event: unknown) => { readonly value: R } | undefined;
  }

  /**
   * Starts it, for a caller that must know when nothing of it is left.
   * @internal
   */
  begin(observer: Observer<E>): Begun & { readonly gone$: Observable<never> } {
    const gone$ = new AsyncSubject<never>();
    const begun = this.#begin(observer, () => gone$.complete());
    return { stop: (reason) => begun.stop(reason), gone$ };
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting it is the point of it
  then<A = R, B = never, E = unknown>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: E) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#settled().then(onFulfilled, onRejected);
  }

  catch<B = never, E = unknown>(onRejected?: ((reason: E) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.#settled().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<R> {
    return this.#settled().finally(onFinally);
  }

  /** With it, its type is that of a promise, for functions that take one. */
  get [Symbol.toStringTag](): string {
    return 'Stoppable';
  }

  #settled(): Promise<R> {
    this.#awaited ??= new Promise((resolve, reject) => {
      let last: R | undefined;
      this.subscribe({
        next: (event) => {
          const result = this.#resultOf(event);
          if (result !== undefined) last = result.value;
        },
        error: reject,
        complete: () => resolve(last as R),
      });
    });
    return this.#awaited;
  }
}
