/** Work as an Observable that others can stop, and that completes when nothing of it is left. */
import { catchError, Observable, of, throwError } from 'rxjs';
import { RunError } from '../run/run-error.js';
import type { RunEvent, RunResult } from '../run/run-interface.js';
import type { Stoppable } from '../run/stoppable.js';

/** Work that can be supervised, pooled or rolled out: `run`, `pipeline` and `readyWhen` return it. */
export type Work = Stoppable<WorkEvent, unknown>;

/** `ready` comes from `readyWhen`. */
export type WorkEvent = RunEvent<unknown> | ReadyEvent;

/** It can be used now: so many milliseconds after its start. */
export interface ReadyEvent {
  readonly kind: 'ready';
  readonly after: number;
}

/**
 * Emits what the work emits, until nothing of it is left. When `stop$` emits, the work is stopped, and its remaining
 * values still come. Unsubscribing stops it as well.
 */
export const stoppedBy = <E>(work: Stoppable<E, unknown>, stop$: Observable<unknown>): Observable<E> =>
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
    listener.add(stop$.subscribe(() => begun.stop()));
    return () => begun.stop();
  });

/** The same, with a command that failed as its result. Other errors, such as those of bad options, stay errors. */
export const settled = (work: Work, stop$: Observable<unknown>): Observable<WorkEvent> =>
  stoppedBy(work, stop$).pipe(
    catchError((error: unknown) =>
      error instanceof RunError ? of(error.result as RunResult<unknown>) : throwError(() => error),
    ),
  );
