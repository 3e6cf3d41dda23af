/**
 * Starts a created container: `runc start`.
 */
import { EMPTY, ignoreElements, type Observable, switchMap, tap } from 'rxjs';
import { runtimeState } from '../adopt/runtime-state.js';
import { runtimeError, succeeded } from '../command/runtime-error.js';
import type { ContainerState } from '../container-state.js';

/** Does nothing if the earlier owner of a container that was taken over has started it. */
export const startInit = (container: ContainerState): Observable<never> => {
  if (!container.takenOver) return start(container);
  const { runtime, settings } = container;
  return runtimeState(runtime, settings.id).pipe(
    switchMap((state) => {
      if (state?.status === 'created') return start(container);
      container.phase = 'running';
      return EMPTY;
    }),
  );
};

/** No timeout, because hooks may take any time. Cancel it with `terminate`. */
const start = (container: ContainerState): Observable<never> => {
  const { runtime, settings, inFlight } = container;
  return runtime.run({ args: ['start', settings.id], onSpawn: (stop) => inFlight.add(stop) }).pipe(
    tap((end) => {
      inFlight.clear();
      if (!succeeded(end)) throw runtimeError(runtime.name, 'start', end);
      container.phase = 'running';
    }),
    ignoreElements(),
  );
};
