/** For work of several steps that must not be left half done because nobody listens any longer. */
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/**
 * Returns an Observable that performs the source to its end once it is subscribed to, also when its listener leaves.
 * Who leaves hears no more; an error after that is nobody's.
 */
export const carriedOn =
  <T>(): MonoTypeOperatorFunction<T> =>
  (source) =>
    new Observable((listener) => {
      source.subscribe({
        next: (value) => listener.next(value),
        error: (error) => listener.error(error),
        complete: () => listener.complete(),
      });
    });
