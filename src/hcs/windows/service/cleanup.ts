/**
 * Operators that release a resource when a later step fails or the caller has unsubscribed.
 */
import {
  catchError,
  concat,
  ignoreElements,
  type MonoTypeOperatorFunction,
  Observable,
  type OperatorFunction,
  of,
  throwError,
} from 'rxjs';
import type { Act } from '../../contract/compute-process.js';

/** Continues after an unsubscribe and closes the value that arrives then. */
export const closeIfUnwanted =
  <T>(close: (value: T) => Act): MonoTypeOperatorFunction<T> =>
  (opening) =>
    new Observable((listener) => {
      opening.subscribe({
        next: (value) => {
          if (listener.closed) close(value).subscribe({ error: () => undefined });
          else listener.next(value);
        },
        error: (error) => listener.error(error),
        complete: () => listener.complete(),
      });
    });

/** If the step fails, undoes the one before, without waiting, and passes the error on. */
export const undoOnError =
  <T>(undo: () => Act): MonoTypeOperatorFunction<T> =>
  (step) =>
    step.pipe(
      catchError((error) => {
        undo().subscribe({ error: () => undefined });
        return throwError(() => error);
      }),
    );

/** Completes even if the act fails. */
export const ignoreFailure = (act: Act): Act =>
  new Observable((listener) =>
    act.subscribe({ error: () => listener.complete(), complete: () => listener.complete() }),
  );

/** Emits the value when the act has completed. */
export const thenEmit =
  <T>(value: T): OperatorFunction<unknown, T> =>
  (act) =>
    concat(act.pipe(ignoreElements()), of(value));
