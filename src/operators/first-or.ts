/**
 * For a source that should emit once but may fail, complete early or emit twice.
 */
import { Observable, type OperatorFunction } from 'rxjs';

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
    new Observable((listener) => {
      // Not `listener.closed`: that is set only after the answer, which may make the source emit again.
      let open = true;
      const answer = (value: R): void => {
        open = false;
        listener.next(value);
        listener.complete();
      };
      const none = (error?: unknown): void => {
        if (open) answer(fallback(error));
      };
      return source.subscribe({
        next: (value) => {
          if (!open) return;
          let projected: R;
          try {
            projected = project(value);
          } catch (error) {
            return none(error);
          }
          answer(projected);
        },
        error: none,
        complete: none,
      });
    });
