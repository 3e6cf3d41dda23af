/**
 * Kills a process past everything that is in flight. The service serializes the requests of one system handle, and a
 * signal may block there until its target has exited. So a kill uses a second handle to the system.
 */
import { catchError, finalize, map, type Observable, of, switchMap } from 'rxjs';
import type { Delivery } from '../contract/compute-process.js';
import { isAlreadyStopped } from '../failures/classifiers.js';
import { delivered, isEnding, isNotFound, notDelivered } from './delivery.js';
import { thenEmit } from './service/cleanup.js';
import type { Resource } from './service/resource.js';
import type { SystemContext } from './system-context.js';

/** Whether the process was found, and whether this call terminated it. */
export interface Killed {
  readonly delivery: Delivery;
  readonly sent: boolean;
}

export const killProcess = (context: SystemContext, pid: number): Observable<Killed> => {
  const { api, id, system, log } = context;
  return api.reopenSystem(id).pipe(
    map((second): { readonly second?: Resource } => ({ second })),
    catchError((err: unknown) => {
      log?.warn(
        { err, cid: id, pid },
        'no second handle to kill the process, terminating the whole container',
      );
      return api.terminateSystem(system).pipe(thenEmit<{ readonly second?: Resource }>({}));
    }),
    switchMap(({ second }) =>
      second ? killBy(context, second, pid) : of({ delivery: delivered, sent: false }),
    ),
  );
};

const killBy = ({ api }: SystemContext, second: Resource, pid: number): Observable<Killed> =>
  api.openProcess(second, pid).pipe(
    map((process): { readonly process?: Resource } => ({ process })),
    catchError((error: unknown) => {
      if (isAlreadyStopped(error)) return of<{ readonly process?: Resource }>({});
      throw error;
    }),
    switchMap(({ process }) =>
      process ? terminate(api, process) : of({ delivery: delivered, sent: false }),
    ),
    finalize(() => second.close().subscribe()),
  );

const terminate = (api: SystemContext['api'], process: Resource): Observable<Killed> =>
  api.terminateProcess(process).pipe(
    thenEmit<Killed>({ delivery: delivered, sent: true }),
    catchError((error: unknown) => {
      if (isEnding(error)) return of({ delivery: delivered, sent: false });
      if (isNotFound(error)) return of({ delivery: notDelivered, sent: false });
      throw error;
    }),
    finalize(() => process.close().subscribe()),
  );
