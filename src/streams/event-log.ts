/**
 * The events that are out, for early and late subscribers: all events of a container and of its execs until they are
 * deleted, and the last ones of those that were deleted. So a late subscriber gets what an early one got, and memory is
 * bounded by the number of execs that the task still has.
 */
import { Observable, Subject } from 'rxjs';
import type { TaskEvent } from './events.js';

export interface EventLog {
  /** The events so far, then each later one; completes with the log. */
  readonly events$: Observable<TaskEvent>;
  readonly add: (event: TaskEvent) => void;
  readonly complete: () => void;
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

  /** Done seldom, so that each event costs one copy. */
  const prune = (): void => {
    if (deleted < 2 * KEPT_OF_DELETED) return;
    let surplus = deleted - KEPT_OF_DELETED;
    entries = entries.filter((entry) => !entry.deleted || surplus-- <= 0);
    deleted = KEPT_OF_DELETED;
  };

  const keep = (event: TaskEvent): void => {
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
  };

  const add = (event: TaskEvent): void => {
    keep(event);
    live$.next(event);
  };

  const events$ = new Observable<TaskEvent>((listener) => {
    // A subscriber may cause the next event while it still gets the earlier ones.
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
export const execOf = (event: TaskEvent): string => {
  if ('execId' in event) return event.execId;
  if (!('id' in event)) return '';
  return event.id === event.containerId ? '' : event.id;
};
