/** The calls that concern one container, each as an act. Not finding it, or finding it ended, is an answer. */
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  ignoreElements,
  map,
  type Observable,
  of,
  throwError,
} from 'rxjs';
import type { Delivery } from '../../contract/compute-process.js';
import { kindOf, messageOf } from '../../failures/errors.js';
import { statusIn } from '../api/api-error.js';
import { type Container, idOf } from './container.js';
import { pidsOnThisHost } from './on-this-host.js';

/** Sends a signal to the first process. */
export const killContainer = (container: Container, signal: number): Observable<Delivery> =>
  defer(() => {
    // Before it is sent: the exit may be known before the answer.
    container.sent.add(signal);
    return container.api.call({
      method: 'POST',
      path: `/containers/${idOf(container)}/kill`,
      query: { signal },
      what: `kill container ${container.name}`,
    });
  }).pipe(
    map((): Delivery => 'delivered'),
    catchError((error) => (isEnded(error) ? of<Delivery>('notDelivered') : throwError(() => error))),
  );

/** 409 of Docker, 500 of older Podman. */
const isEnded = (error: unknown): boolean =>
  statusIn(error) === 404 ||
  statusIn(error) === 409 ||
  (kindOf(error) === 'failedPrecondition' && /not running|improper|can only kill/.test(messageOf(error)));

/** Removes it with its anonymous volumes. Podman would give a running one its grace first: it is killed before. */
export const removeContainer = (container: Container): Observable<never> =>
  defer(() => {
    if (container.id === undefined) return EMPTY;
    return container.api
      .call({
        method: 'DELETE',
        path: `/containers/${container.id}`,
        query: { force: true, v: true },
        what: `remove container ${container.name}`,
      })
      .pipe(
        ignoreElements(),
        catchError((error) => (isRemoved(error) ? EMPTY : throwError(() => error))),
      );
  });

const isRemoved = (error: unknown): boolean =>
  statusIn(error) === 404 || (statusIn(error) === 409 && /in progress/.test(messageOf(error)));

/**
 * The process ids inside, as the daemon's host counts them. Docker cannot list them where its host has no `ps`, and where a
 * rootless daemon has no control groups: then this host is asked, if the daemon is here.
 */
export const listPids = (container: Container): Observable<readonly number[]> =>
  listed(container).pipe(
    catchError((error) => {
      const pids = container.phase === 'running' ? pidsOnThisHost(container) : undefined;
      return pids === undefined ? throwError(() => error) : of(pids);
    }),
  );

const listed = (container: Container): Observable<readonly number[]> =>
  container.api.daemon$.pipe(
    concatMap(({ isPodman }) =>
      container.api.call<Top>({
        method: 'GET',
        path: `/containers/${idOf(container)}/top`,
        query: { ps_args: isPodman ? 'hpid' : '-eo pid' },
        what: `list processes of container ${container.name}`,
      }),
    ),
    map(({ Titles = [], Processes }) => {
      const column = Math.max(
        0,
        Titles.findIndex((title) => /^H?PID$/.test(title)),
      );
      return (Processes ?? []).map((row) => Number(row[column])).filter(Number.isInteger);
    }),
  );

interface Top {
  readonly Titles?: readonly string[];
  readonly Processes?: readonly (readonly string[])[] | null;
}
