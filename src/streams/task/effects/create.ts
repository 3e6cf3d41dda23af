/** The effects of a creation: open stdio, create the container, or discard a container that comes too late. */
import { catchError, concat, defer, EMPTY, map, type Observable, of } from 'rxjs';
import { RxshimError } from '../../../hcs/failures/errors.js';
import { firstOr } from '../../../operators/first-or.js';
import { errorData } from '../../error-data.js';
import { createInit } from '../../exec/engine/create-process.js';
import { hold, type Ports, step, upstreamOf } from '../ports.js';
import { openStdio } from '../process-request.js';
import type { Fact } from '../state/fact.js';
import { closeSystem, removed, terminated } from './container.js';

export const open = (ports: Ports): Observable<Fact> =>
  defer(() => openStdio(ports.options, ports.options.stdio)).pipe(
    map((upstream): Fact => {
      hold(ports, { upstream });
      return { type: 'opened' };
    }),
    catchError((error) => of(createFailed(error))),
  );

/** No timeout: a container may take its time. A caller may unsubscribe. */
export const create = (ports: Ports): Observable<Fact> => {
  const { system, options } = ports;
  if (system.create === undefined) return of({ type: 'created' });
  const { spec } = options;
  const upstream = upstreamOf(ports);
  return defer(() => createInit({ system, upstream, ...(spec && { spec }) })).pipe(
    firstOr((process): Fact => {
      if (typeof process?.pid !== 'number') return createFailed(undefined);
      hold(ports, { process });
      return { type: 'created' };
    }, createFailed),
  );
};

const createFailed = (error: unknown): Fact => ({
  type: 'createFailed',
  error: errorData(error ?? new RxshimError('unknown', 'the system made no container and gave no error')),
});

export const closeUpstream = (ports: Ports): Observable<never> =>
  step(ports, () => upstreamOf(ports).close(), 'closeTimeout', 'failed to close the upstream');

/** For a container without a task. */
export const discard = (ports: Ports): Observable<Fact> =>
  concat(
    terminated(ports),
    step(ports, () => ports.handles.process?.close() ?? EMPTY, 'closeTimeout', 'failed to close the process'),
    closeSystem(ports),
    removedIfPossible(ports),
    closeUpstream(ports),
    of<Fact>({ type: 'discarded' }),
  );

/** For a task that has no user: its create event could not be published, or its creation was cancelled. */
export const discardUnannounced = (
  ports: Ports,
  { announcement }: { readonly announcement: string },
): Observable<Fact> =>
  announcement === 'failed' ? concat(removedIfPossible(ports), of<Fact>({ type: 'discarded' })) : EMPTY;

/** There is no caller to whom a failure could be returned. */
const removedIfPossible = (ports: Ports): Observable<never> =>
  removed(ports).pipe(
    catchError((err) => {
      ports.log?.warn({ err }, 'failed to remove the container of a task that was not made');
      return EMPTY;
    }),
  );
