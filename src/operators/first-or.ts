/** For a source that ought to answer once, and may not: it fails, ends early, or answers twice. */
import { Observable, type OperatorFunction } from 'rxjs';

/**
 * Returns an Observable that emits what `project` makes of the source's first value, and completes. When the source
 * errors or completes without a value, or emits one of which `project` can make nothing, it emits what `fallback` makes
 * of that instead. Leaves the source after the first value.
 *
 * @example process.exit$.pipe(firstOr((exit) => exit.kind, (error) => 'unknown'))
 */
export const firstOr =
  <T, R>(project: (value: T) => R, fallback: (error: unknown) => R): OperatorFunction<T, R> =>
  (source) =>
    new Observable((listener) => {
      // Not `listener.closed`: that is told only after the answer, which may make the source speak again.
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
