/**
 * Starts a created container: `runc start`.
 */
import { ignoreElements, type Observable, tap } from 'rxjs';
import { runtimeError, succeeded } from '../command/runtime-error.js';
import type { ContainerState } from '../container-state.js';

/** No timeout, because hooks may take any time. Cancel it with `terminate`. */
export const startInit = (container: ContainerState): Observable<never> => {
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
