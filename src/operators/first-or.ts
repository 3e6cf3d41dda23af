/**
 * For a source that should emit once but may fail, complete early or emit twice.
 */
import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';

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
    new Observable((listener) => source.subscribe(new FirstOr(listener, project, fallback)));

// A class, because one object with its methods on a prototype costs less than a closure for each of them. No class of its own
// below Subscriber: with many of those, the engine no longer optimises what all subscriptions share.
class FirstOr<T, R> implements Observer<T> {
  readonly #listener: Subscriber<R>;
  readonly #project: (value: T) => R;
  readonly #fallback: (error: unknown) => R;
  // Not `listener.closed`: that is set only after the answer, which may make the source emit again.
  #open = true;

  constructor(listener: Subscriber<R>, project: (value: T) => R, fallback: (error: unknown) => R) {
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
