/**
 * The events that are out, for subscribers however late: all of a container and its execs until they are deleted, and
 * the last ones of those that were. So a late subscriber gets what an early one got, and memory stays bounded by what the
 * task remembers anyway.
 */
import { Observable, Subject } from 'rxjs';
import type { TaskEvent } from './events.js';

export interface EventLog {
  /** What is out so far, then every later event; completes with the log. */
  readonly events$: Observable<TaskEvent>;
  add(event: TaskEvent): void;
  complete(): void;
}

/** How many events of deleted execs are kept. */
const KEPT_OF_DELETED = 1024;

interface Entry {
  readonly event: TaskEvent;
  deleted: boolean;
}

export const eventLog = (): EventLog => {
  let entries: Entry[] = [];
  let deleted = 0;
  let completed = false;
  const live$ = new Subject<TaskEvent>();
  /** Those that are not deleted, by container and exec. */
  const containers = new Map<string, Map<string, Entry[]>>();

  const forget = (ofExec: Entry[] | undefined): void => {
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

  const add = (event: TaskEvent): void => {
    const { containerId } = event;
    const exec = execOf(event);
    const entry: Entry = { event, deleted: false };
    entries.push(entry);
    const execs = containers.get(containerId) ?? new Map<string, Entry[]>();
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
    live$.next(event);
  };

  const events$ = new Observable<TaskEvent>((listener) => {
    // What a subscriber does about an event of the past may well bring about the next.
    let waiting: TaskEvent[] | undefined = [];
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
const execOf = (event: TaskEvent): string => {
  if ('execId' in event) return event.execId;
  if (!('id' in event)) return '';
  return event.id === event.containerId ? '' : event.id;
};
