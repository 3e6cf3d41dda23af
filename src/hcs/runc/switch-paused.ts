/**
 * Pauses and resumes a container.
 *
 * A runtime that is killed, or that finds the container paused already, fails although the container is as it was to be. So after a
 * failure the runtime is asked for the state: otherwise a frozen container that is taken for a running one could never be resumed.
 */
import { catchError, concat, defer, EMPTY, mergeMap, type Observable, throwError } from 'rxjs';
import { runtimeState } from './adopt/runtime-state.js';
import { runtimeCommand } from './command/runtime-commands.js';
import type { ContainerState } from './container-state.js';

export const switchPaused = (container: ContainerState, verb: 'pause' | 'resume'): Observable<never> => {
  const { runtime, settings } = container;
  const pauses = verb === 'pause';
  const wanted: readonly (string | undefined)[] = pauses ? ['paused'] : ['created', 'running'];
  return concat(
    runtimeCommand(runtime, settings.id, verb).pipe(
      catchError((failure: unknown) => {
        const failed = throwError(() => failure);
        // It was so before.
        if (container.paused === pauses) return failed;
        return runtimeState(runtime, settings.id).pipe(
          catchError(() => failed),
          mergeMap((state) => (wanted.includes(state?.status) ? EMPTY : failed)),
        );
      }),
    ),
    defer(() => {
      container.paused = pauses;
      return EMPTY;
    }),
  );
};
