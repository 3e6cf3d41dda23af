/** The health of a container by its own health check. */
import {
  concat,
  concatMap,
  defer,
  distinctUntilChanged,
  filter,
  from,
  map,
  type Observable,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs';
import { type Container, inspect } from '../container/container.js';
import { containerEvents } from './events.js';

/** `none`: it has no health check. */
export type Health = 'none' | 'starting' | 'healthy' | 'unhealthy';

/** Milliseconds between two looks where the daemon reports no change. */
const interval = 1_000;

export const containerHealth = (container: Container): Observable<Health> => {
  const look$ = defer(() => from(inspect(container))).pipe(
    map(({ State }) => healthOf(State.Health?.Status)),
  );
  const changes$ = container.api.daemon$.pipe(
    concatMap(({ isPodman }) =>
      isPodman ? timer(interval, interval).pipe(concatMap(() => look$)) : reported(container),
    ),
  );
  return concat(look$, changes$).pipe(
    // Without a check there will be no change.
    takeWhile((health) => health !== 'none', true),
    distinctUntilChanged(),
    takeUntil(container.exit$),
  );
};

const reported = (container: Container): Observable<Health> =>
  containerEvents(container).pipe(
    filter(({ action }) => action.startsWith('health_status')),
    map(({ action, attributes }) => healthOf(action.split(': ')[1] ?? attributes['health_status'])),
  );

const healthOf = (text: string | undefined): Health =>
  text === 'starting' || text === 'healthy' || text === 'unhealthy' ? text : 'none';
