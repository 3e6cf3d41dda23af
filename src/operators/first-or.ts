/**
 * For a source that should emit once but may fail, complete early or emit twice.
 */
import type { Observable, Observer, OperatorFunction, Subscription } from 'rxjs';
import { Direct, type DirectObserver } from './direct.js';

/**
 * Returns an Observable that emits the projection of the source's first value, and completes. If the source errors or
 * completes without a value, or `project` throws, it emits the result of `fallback` instead. Unsubscribes from the
 * source after the first value.
 *
 * @example process.exit$.pipe(firstOr((exit) => exit.kind, (error) => 'unknown'))
 */
export const firstOr =
  <T, R>(project: (value: T) => R, fallback: (error: unknown) => R): OperatorFunction<T, R> =>
  (source) =>
    new FirstOr(source, project, fallback);

class FirstOr<T, R> extends Direct<R> {
  readonly #source: Observable<T>;
  readonly #project: (value: T) => R;
  readonly #fallback: (error: unknown) => R;

  constructor(source: Observable<T>, project: (value: T) => R, fallback: (error: unknown) => R) {
    super();
    this.#source = source;
    this.#project = project;
    this.#fallback = fallback;
  }

  connect(observer: DirectObserver<R>): Subscription {
    return this.#source.subscribe(new FirstObserver(observer, this.#project, this.#fallback));
  }
}

// A class, because one object with its methods on a prototype costs less than a closure for each of them. No class of its own
// below Subscriber: with many of those, the engine no longer optimises what all subscriptions share.
class FirstObserver<T, R> implements Observer<T> {
  readonly #listener: DirectObserver<R>;
  readonly #project: (value: T) => R;
  readonly #fallback: (error: unknown) => R;
  // Not `listener.closed`: that is set only after the answer, which may make the source emit again.
  #open = true;

  constructor(listener: DirectObserver<R>, project: (value: T) => R, fallback: (error: unknown) => R) {
    this.#listener = listener;
    this.#project = project;
    this.#fallback = fallback;
  }

  next(value: T): void {
    if (!this.#open) return;
    let projected: R;
    try {
      projected = this.#project(value);
    } catch (error) {
      this.error(error);
      return;
    }
    this.#answer(projected);
  }

  error(error: unknown): void {
    if (this.#open) this.#answer(this.#fallback(error));
  }

  complete(): void {
    this.error(undefined);
  }

  #answer(value: R): void {
    this.#open = false;
    this.#listener.next(value);
    this.#listener.complete();
  }
}
