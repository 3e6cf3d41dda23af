/** For a source that ought to answer once, and may not: it fails, ends early, or answers twice. */
import { Observable, type OperatorFunction } from 'rxjs';

/**
 * Returns an Observable that emits what `project` makes of the source's first value, and completes. When the source
 * errors or completes without a value, it emits what `fallback` makes of that instead. Leaves the source after the
 * first value.
 *
 * @example process.exit$.pipe(firstOr((exit) => exit.kind, (error) => 'unknown'))
 */
export const firstOr =
  <T, R>(project: (value: T) => R, fallback: (error: unknown) => R): OperatorFunction<T, R> =>
  (source) =>
    new Observable((listener) => {
      const answer = (value: R): void => {
        listener.next(value);
        listener.complete();
      };
      return source.subscribe({
        next: (value) => {
          if (!listener.closed) answer(project(value));
        },
        error: (error) => answer(fallback(error)),
        complete: () => {
          if (!listener.closed) answer(fallback(undefined));
        },
      });
    });
