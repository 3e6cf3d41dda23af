/**
 * `mergeMap` for a source that emits once.
 */
import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';
import { Known } from './known.js';

/**
 * Returns an Observable that emits what the projection of the source's only value emits. Where that is a known value, it is
 * taken without a subscription.
 */
export const mergeOne =
  <T, R>(project: (value: T) => Observable<R>): OperatorFunction<T, R> =>
  (source) =>
    new Observable((listener) => source.subscribe(new MergeOne(listener, project)));

class MergeOne<T, R> implements Observer<T> {
  readonly #listener: Subscriber<R>;
  readonly #project: (value: T) => Observable<R>;
  #isMerged = false;

  constructor(listener: Subscriber<R>, project: (value: T) => Observable<R>) {
    this.#listener = listener;
    this.#project = project;
  }

  next(value: T): void {
    this.#isMerged = true;
    try {
      const result$ = this.#project(value);
      if (result$ instanceof Known) {
        this.#listener.next(result$.value);
        this.#listener.complete();
      } else result$.subscribe(this.#listener);
    } catch (error) {
      this.#listener.error(error);
    }
  }

  error(error: unknown): void {
    this.#listener.error(error);
  }

  complete(): void {
    if (!this.#isMerged) this.#listener.complete();
  }
}
