/**
 * Ends containers and processes whose client has gone.
 */
import { asyncScheduler, concat, defer, EMPTY, Observable, type SchedulerLike, take, timeout } from 'rxjs';
import type { Act, ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';

/** How long they may take to end, in milliseconds. */
const endTimeout = 10_000;

/** Terminates and deletes the system. Completes even if a step fails. */
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

/** Kills the process and waits for its exit. Completes even if a step fails. */
export const endProcess = (process: ComputeProcess, scheduler: SchedulerLike): Observable<never> =>
  concat(
    quietly(() => process.kill()),
    quietly(() => process.exit$.pipe(take(1), timeout({ first: endTimeout, scheduler }))),
  );

/** Performs an act and ignores its failure. */
export const quietly = (act: () => Act): Observable<never> =>
  new Observable((listener) =>
    defer(act).subscribe({ error: () => listener.complete(), complete: () => listener.complete() }),
  );
