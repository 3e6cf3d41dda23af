/**
 * Ends a process past everything that is under way: the service takes the requests of one system handle one by one, and
 * a signal may wait there until its target is dead. So a kill goes by a second handle to the system.
 */
import { catchError, finalize, map, type Observable, of, switchMap } from 'rxjs';
import type { Delivery } from '../contract/compute-process.js';
import { isAlreadyStopped } from '../failures/classifiers.js';
import { delivered, endsAnyway, isMissed, notDelivered } from './delivery.js';
import { yielding } from './opened.js';
import type { Resource } from './resource.js';
import type { SystemContext } from './system-context.js';

/** Whether it was found, and whether that was this kill's doing. */
export interface Killed {
  readonly delivery: Delivery;
  readonly sent: boolean;
}

export const terminating = (context: SystemContext, pid: number): Observable<Killed> => {
  const { api, id, system, log } = context;
  return api.reopenSystem(id).pipe(
    map((second): { readonly second?: Resource } => ({ second })),
    catchError((err: unknown) => {
      log?.warn({ err, cid: id, pid }, 'no second handle to kill by, terminating the whole container');
      return api.terminateSystem(system).pipe(yielding<{ readonly second?: Resource }>({}));
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
    yielding<Killed>({ delivery: delivered, sent: true }),
    catchError((error: unknown) => {
      if (endsAnyway(error)) return of({ delivery: delivered, sent: false });
      if (isMissed(error)) return of({ delivery: notDelivered, sent: false });
      throw error;
    }),
    finalize(() => process.close().subscribe()),
  );
