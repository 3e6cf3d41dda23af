/**
 * Opens things in several steps so that none is lost on the way.
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
import type { Act } from '../contract/compute-process.js';

/** Goes on when nobody waits any more, and then has what came closed. */
export const kept =
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

/** Where the next step fails, undoes the one before, without waiting for that, and passes the failure on. */
export const orUndo =
  <T>(undo: () => Act): MonoTypeOperatorFunction<T> =>
  (step) =>
    step.pipe(
      catchError((error) => {
        undo().subscribe({ error: () => undefined });
        return throwError(() => error);
      }),
    );

/** Completes whether it failed or not: where nothing can be done about it any more. */
export const settled = (act: Act): Act =>
  new Observable((listener) =>
    act.subscribe({ error: () => listener.complete(), complete: () => listener.complete() }),
  );

/** Emits the value when the act is done. */
export const yielding =
  <T>(value: T): OperatorFunction<unknown, T> =>
  (act) =>
    concat(act.pipe(ignoreElements()), of(value));
