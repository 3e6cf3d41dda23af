/** Work as an Observable that others can stop, and that completes when nothing of it is left. */
import { catchError, Observable, of, throwError } from 'rxjs';
import { RunError } from '../run/run-error.js';
import type { RunEvent, RunResult, RunStopReason } from '../run/run-interface.js';
import type { Stoppable } from '../run/stoppable.js';

/** Work that can be supervised, pooled or rolled out: `run`, `pipeline` and `readyWhen` return it. */
export type Work<T = unknown> = Stoppable<WorkEvent<T>, unknown>;

/** `ready` comes from `readyWhen`. */
export type WorkEvent<T = unknown> = RunEvent<T> | ReadyEvent;

/** It can be used now: so many milliseconds after its start. */
export interface ReadyEvent {
  readonly kind: 'ready';
  readonly after: number;
}

/**
 * Emits what the work emits, until nothing of it is left. When `stop$` emits, the work is stopped, and its remaining
 * values still come. Unsubscribing stops it as well.
 */
export const stoppedBy = <E>(work: Stoppable<E, unknown>, stop$: Observable<RunStopReason>): Observable<E> =>
  new Observable((listener) => {
    let failure: { readonly error: unknown } | undefined;
    const begun = work.begin({
      next: (event) => listener.next(event),
      error: (error) => {
        failure = { error };
      },
      complete: () => undefined,
    });
    begun.gone$.subscribe({
      complete: () => (failure === undefined ? listener.complete() : listener.error(failure.error)),
    });
    listener.add(stop$.subscribe((reason) => begun.stop(reason)));
    return () => begun.stop();
  });

/**
 * The same, with a command that failed as its result. Other errors, such as those of bad options, stay errors.
 *
 * @param failed gets the error of a command that failed, before its result comes.
 */
export const settled = <T>(
  work: Work<T>,
  stop$: Observable<RunStopReason>,
  failed: (error: RunError<RunResult<T>>) => void = () => undefined,
): Observable<WorkEvent<T>> =>
  stoppedBy(work, stop$).pipe(
    catchError((error: unknown) => {
      if (!(error instanceof RunError)) return throwError(() => error);
      failed(error);
      return of(error.result as RunResult<T>);
    }),
  );

/** The error of a result that has failed: the one that its command gave, unless that has the option `reject: false`. */
export const errorOf = <T>(
  result: RunResult<T>,
  given: RunError<RunResult<T>> | undefined,
  timeout?: number,
): RunError<RunResult<T>> | undefined => {
  if (!result.failed) return undefined;
  return result.stopped?.reason !== 'timeout' && given?.result === result
    ? given
    : new RunError(result, { timeout });
};
