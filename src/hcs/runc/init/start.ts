/**
 * Lets the held init go on.
 */
import { ignoreElements, type Observable, tap } from 'rxjs';
import { runtimeError, succeeded } from '../command/runtime-error.js';
import type { Container } from '../container-state.js';

/** Without a bound, as a container may have hooks that take their time: who loses patience terminates it. */
export const startInit = (container: Container): Observable<never> => {
  const { runtime, settings, underWay } = container;
  return runtime.run({ args: ['start', settings.id], begun: (stop) => underWay.add(stop) }).pipe(
    tap((end) => {
      underWay.clear();
      if (!succeeded(end)) throw runtimeError(runtime.name, 'start', end);
      container.phase = 'running';
    }),
    ignoreElements(),
  );
};
