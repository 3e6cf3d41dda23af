/**
 * Where the events of a task go: an outbox that retries the events of an end, and a log for late subscribers.
 *
 * An exit or a delete is never lost while its receiver cannot be reached. The event of a beginning (a create, a start) is
 * tried once, because its sender undoes what could not be published.
 */
import { type Observable, Subject, tap } from 'rxjs';
import type { Act } from '../hcs/contract/compute-process.js';
import { eventLog } from './event-log.js';
import type { TaskEvent } from './events.js';
import { type OutboxOptions, outbox } from './outbox.js';
import type { Publish } from './publisher.js';

/** The part of an outbox that a task publishes through. */
export interface EventSink {
  /** As `Outbox.publish`: it keeps the order of the events. */
  readonly publish: Publish;
  /** The events that are out, in order; completes when the last one is. */
  readonly events$: Observable<TaskEvent>;
  /** No event follows. */
  end(): void;
}

/**
 * Its `events$` replays all events of the containers and execs that are not deleted, and the last 1024 of the deleted.
 *
 * @param deliver sends one event.
 */
export const eventOutbox = (
  deliver: (event: TaskEvent) => Act,
  options: Pick<OutboxOptions<TaskEvent>, 'scheduler' | 'attemptTimeout' | 'log'>,
): EventSink => {
  const { publish, sent$, end } = outbox(deliver, { ...options, isDurable: isEnd });
  const { events$, add, complete } = eventLog();
  sent$.subscribe({ next: add, complete });
  return { publish, events$, end };
};

/**
 * For a `deliver` that hands each event to an outbox and completes at once: a second outbox would only pass it on. Its
 * `events$` replays nothing.
 */
export const directEvents = (deliver: (event: TaskEvent) => Act): EventSink => {
  const events$ = new Subject<TaskEvent>();
  return {
    publish: (event) => deliver(event).pipe(tap({ complete: () => events$.next(event) })),
    events$: events$.asObservable(),
    end: () => events$.complete(),
  };
};

const isEnd = ({ type }: TaskEvent): boolean => type === 'TaskExit' || type === 'TaskDelete';
