/** The end of what nobody is left to ask for: containers, and processes that belong to none. */
import { asyncScheduler, concat, defer, EMPTY, Observable, type SchedulerLike, take, timeout } from 'rxjs';
import type { Act, ComputeProcess } from '../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../hcs/contract/compute-system.js';

/** How long it may take to end, in milliseconds. */
const endTimeout = 10_000;

/** Ends it, and removes what is left of it; completes whatever goes wrong. */
export const endSystem = (
  system: ComputeSystem,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<never> =>
  concat(
    quietly(() => system.terminate()),
    quietly(() => system.exit$.pipe(take(1), timeout({ first: endTimeout, scheduler }))),
    quietly(() => system.close()),
    quietly(() => system.delete?.() ?? EMPTY),
  );

/** Kills it, and waits for its end; completes whatever goes wrong. */
export const endProcess = (process: ComputeProcess, scheduler: SchedulerLike): Observable<never> =>
  concat(
    quietly(() => process.kill()),
    quietly(() => process.exit$.pipe(take(1), timeout({ first: endTimeout, scheduler }))),
  );

/** Does what may fail, for its own sake. */
export const quietly = (act: () => Act): Observable<never> =>
  new Observable((listener) =>
    defer(act).subscribe({ error: () => listener.complete(), complete: () => listener.complete() }),
  );
