/**
 * The outbox: events leave one at a time, in the order in which they were handed in, and an exit is never dropped.
 *
 * Two promises, by kind of event. What tells an end (`TaskExit`, `TaskDelete`) is tried until it is out, whoever has
 * stopped waiting for it; what comes after waits behind it. What tells a beginning is tried once: its sender learns of
 * a failure and undoes what began, and nobody is told later of something that did not happen.
 */
import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { messageOf, RxshimError } from '../hcs/errors.js';
import { conclude, type Trouble } from '../operators/conclude.js';
import { eventLog } from './event-log.js';
import type { TaskEvent, TaskEventType } from './events.js';
import type { Logger } from './log.js';
import type { Publish } from './publisher.js';

export interface OutboxOptions {
  readonly scheduler: SchedulerLike;
  /** How long one attempt may take, in milliseconds. */
  readonly attemptTimeout: number;
  /** Which events are tried until they are out. Default: those that tell an end. */
  readonly durable?: (type: TaskEventType) => boolean;
  readonly log?: Logger | undefined;
}

export interface Outbox {
  /**
   * Completes when the event is out, or, for a durable one, when the first attempt is over, or did not come within the
   * time of one because others are before it: from then on it is the outbox's own affair. Errors when an event that is
   * tried once could not be published, or not in that time.
   */
  readonly publish: Publish;
  /**
   * What is out, in order. Late subscribers get all events of what is not deleted, and the last 1024 of what is.
   */
  readonly published$: Observable<TaskEvent>;
  /** Takes no more; `published$` completes when all that it has is out. */
  end(): void;
  /** The same without waiting: what is not out by now is lost, which the log says. */
  close(): void;
}

const firstDelay = 1_000;
const longestDelay = 5_000;

const tellsAnEnd = (type: TaskEventType): boolean => type === 'TaskExit' || type === 'TaskDelete';

interface Letter {
  readonly event: TaskEvent;
  readonly durable: boolean;
  /** Tells the sender what came of the first attempt. */
  readonly settle: (trouble: Trouble | undefined) => void;
  /** Gives up the attempt that is under way. */
  giveUp?: () => void;
  attempts: number;
}

/** Makes an outbox over what delivers one event. One outbox for a container keeps the order of its events. */
export const outbox = (deliver: Publish, options: OutboxOptions): Outbox => {
  const { scheduler, attemptTimeout, durable = tellsAnEnd, log } = options;
  const published = eventLog();
  let letters: Letter[] = [];
  let sending = false;
  let looping = false;
  let ended = false;
  let closed = false;
  let pause: Subscription | undefined;

  // A loop rather than a call within a call: thousands may have waited for one, and then go out at once.
  const sendNext = (): void => {
    if (looping) return;
    looping = true;
    for (let letter = letters[0]; letter !== undefined && !sending && !closed; letter = letters[0])
      send(letter);
    looping = false;
    if (ended && letters.length === 0) published.complete();
  };

  const send = (letter: Letter): void => {
    sending = true;
    letter.attempts += 1;
    letter.giveUp = conclude(
      () => deliver(letter.event),
      attemptTimeout,
      scheduler,
      (trouble) => {
        if (trouble !== undefined && letter.durable && !closed) return tryAgain(letter, trouble);
        sending = false;
        if (letters[0] === letter) letters.shift();
        if (trouble === undefined) published.add(letter.event);
        letter.settle(trouble);
        sendNext();
      },
    );
  };

  const tryAgain = (letter: Letter, trouble: Trouble): void => {
    const { event, attempts } = letter;
    log?.warn({ topic: event.topic, attempts, err: reasonOf(trouble) }, 'failed to publish, trying again');
    pause = scheduler.schedule(
      () => {
        sending = false;
        sendNext();
      },
      Math.min(firstDelay * attempts, longestDelay),
    );
    letter.settle(trouble);
  };

  const publish: Publish = (event) =>
    new Observable((listener) => {
      if (ended)
        return listener.error(new RxshimError('unavailable', `publishing ${event.topic}: outbox is closed`));
      const letter: Letter = {
        event,
        durable: durable(event.type),
        attempts: 0,
        settle: (trouble) => {
          if (trouble === undefined || letter.durable) listener.complete();
          else listener.error(trouble.kind === 'failed' ? trouble.error : tookTooLong(event));
        },
      };
      letters.push(letter);
      sendNext();
      if (listener.closed) return undefined;
      // Whoever gives up on an event that is tried once counts what began as undone: it must not be told after that.
      const takeBack = (): void => {
        if (letter.durable) return;
        if (letter.attempts === 0) letters = letters.filter((other) => other !== letter);
        else letter.giveUp?.();
      };
      // What is before it may be tried for as long as it takes. That is not for its sender to wait for.
      const overdue = (): void => {
        if (letter.attempts > 0) return;
        takeBack();
        letter.settle({ kind: 'overdue' });
      };
      const waiting = letter.attempts > 0 ? undefined : scheduler.schedule(overdue, attemptTimeout);
      return () => {
        waiting?.unsubscribe();
        takeBack();
      };
    });

  const end = (): void => {
    ended = true;
    sendNext();
  };

  const close = (): void => {
    if (closed) return;
    ended = true;
    closed = true;
    pause?.unsubscribe();
    const lost = letters;
    letters = [];
    for (const letter of lost) {
      log?.error({ topic: letter.event.topic }, 'event not published: outbox is closed');
      letter.settle({ kind: 'overdue' });
    }
    published.complete();
  };

  return { publish, published$: published.events$, end, close };
};

const reasonOf = (trouble: Trouble): string =>
  trouble.kind === 'failed' ? messageOf(trouble.error) : 'no answer in time';

const tookTooLong = ({ topic }: TaskEvent): RxshimError =>
  new RxshimError('unavailable', `publishing ${topic} took too long`);
