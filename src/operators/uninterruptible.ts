/**
 * For work of several steps that must not be left half done when the subscriber unsubscribes.
 */
import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/**
 * Returns an Observable that runs the source to its end once it is subscribed to, even after an unsubscribe. Later
 * values and errors are dropped.
 */
export const uninterruptible =
  <T>(): MonoTypeOperatorFunction<T> =>
  (source) =>
    new Observable((listener) => {
      source.subscribe({
        next: (value) => listener.next(value),
        error: (error) => listener.error(error),
        complete: () => listener.complete(),
      });
    });
