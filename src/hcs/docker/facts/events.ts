/** The events that a daemon reports of one container, each once, over lost connections. */
import { delay, filter, map, type Observable, switchMap, takeUntil } from 'rxjs';
import { jsonLines } from '../api/json-lines.js';
import { type Container, idOf } from '../container/container.js';
import { following } from './following.js';

/** An event of a container, as its daemon reports it. */
export interface ContainerEvent {
  /** `start`, `die`, `oom`, `pause`, `exec_die`, `health_status: healthy`, … Podman has some names of its own (`died`). */
  readonly action: string;
  readonly at: Date;
  /** Its details: `exitCode`, `signal`, `execID`, the name, and the labels of the container. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One line of `GET /events`, as far as it is read. */
interface EventLine {
  readonly Action?: string;
  readonly status?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly time?: number;
  readonly timeNano?: number;
}

/** A daemon reports the end of a container before or soon after it answers a wait for it. */
const latest = 300;

/** From its creation on, those of the past included. */
export const containerEvents = (container: Container): Observable<ContainerEvent> => {
  const seen = new Set<string>();
  let since = 0;
  const open = (): Observable<EventLine> =>
    container.api
      .stream({
        method: 'GET',
        path: '/events',
        // Podman reports nothing for `since` with `until` and a filter.
        query: { since, filters: JSON.stringify({ type: ['container'], container: [idOf(container)] }) },
        what: `follow the events of container ${container.name}`,
      })
      .pipe(
        switchMap((response) => jsonLines<EventLine>(response, `events of container ${container.name}`)),
        takeUntil(container.exit$.pipe(delay(latest))),
      );
  return following(container, open).pipe(
    filter((line) => {
      const key = `${line.timeNano} ${line.Action} ${line.Actor?.Attributes?.['execID'] ?? ''}`;
      if (seen.has(key)) return false;
      seen.add(key);
      // Replays begin with the second of the last one.
      if (line.time !== undefined && line.time > since) since = line.time;
      return true;
    }),
    map(({ Action, status, Actor, time = 0, timeNano }) => ({
      action: Action ?? status ?? '',
      at: new Date(timeNano === undefined ? time * 1000 : timeNano / 1e6),
      attributes: Actor?.Attributes ?? {},
    })),
  );
};
