/**
 * The events that are out, for subscribers however late: all of a container and its execs until they are deleted, and
 * the last ones of those that were. So a late subscriber gets what an early one got, and memory stays bounded by what the
 * task remembers anyway.
 */
import { Observable, Subject } from 'rxjs';
import type { TaskEvent } from './events.js';

export interface EventLog<E extends TaskEvent> {
  /** What is out so far, then every later event; completes with the log. */
  readonly events$: Observable<E>;
  add(event: E): void;
  complete(): void;
}

/** How many events of deleted execs are kept. */
const KEPT_OF_DELETED = 1024;

interface Entry<E> {
  readonly event: E;
  deleted: boolean;
}

/** @param remembers whether late subscribers get what is out by then. */
export const eventLog = <E extends TaskEvent = TaskEvent>(remembers = true): EventLog<E> => {
  let entries: Entry<E>[] = [];
  let deleted = 0;
  let completed = false;
  const live$ = new Subject<E>();
  /** Those that are not deleted, by container and exec. */
  const containers = new Map<string, Map<string, Entry<E>[]>>();

  const forget = (ofExec: Entry<E>[] | undefined): void => {
    for (const entry of ofExec ?? []) entry.deleted = true;
    deleted += ofExec?.length ?? 0;
  };

  /** Seldom, so that each event pays for it once. */
  const prune = (): void => {
    if (deleted < 2 * KEPT_OF_DELETED) return;
    let surplus = deleted - KEPT_OF_DELETED;
    entries = entries.filter((entry) => !entry.deleted || surplus-- <= 0);
    deleted = KEPT_OF_DELETED;
  };

  const keep = (event: E): void => {
    const { containerId } = event;
    const exec = execOf(event);
    const entry: Entry<E> = { event, deleted: false };
    entries.push(entry);
    const execs = containers.get(containerId) ?? new Map<string, Entry<E>[]>();
    containers.set(containerId, execs);
    const known = execs.get(exec);
    if (known === undefined) execs.set(exec, [entry]);
    else known.push(entry);
    if (event.type === 'TaskDelete') {
      if (exec === '') {
        for (const ofExec of execs.values()) forget(ofExec);
        containers.delete(containerId);
      } else {
        forget(execs.get(exec));
        execs.delete(exec);
      }
      prune();
    }
  };

  const add = (event: E): void => {
    if (remembers) keep(event);
    live$.next(event);
  };

  const events$ = new Observable<E>((listener) => {
    // What a subscriber does about an event of the past may well bring about the next.
    let waiting: E[] | undefined = [];
    let over = completed;
    listener.add(
      live$.subscribe({
        next: (event) => (waiting === undefined ? listener.next(event) : waiting.push(event)),
        complete: () => {
          if (waiting === undefined) listener.complete();
          over = true;
        },
      }),
    );
    for (const { event } of [...entries]) listener.next(event);
    for (const event of waiting) listener.next(event);
    waiting = undefined;
    if (over) listener.complete();
  });

  const complete = (): void => {
    completed = true;
    live$.complete();
  };

  return { events$, add, complete };
};

/** Empty for the init, whose events are those of the container. */
export const execOf = (event: TaskEvent): string => {
  if ('execId' in event) return event.execId;
  if (!('id' in event)) return '';
  return event.id === event.containerId ? '' : event.id;
};
