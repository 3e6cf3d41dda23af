/**
 * The outbox: events leave one at a time, in the order in which they were handed in, and an exit is never dropped while
 * its receiver cannot be reached.
 *
 * Two promises, by kind of event. A durable one (by default those of an end, `TaskExit` and `TaskDelete`) is tried
 * until it is out, whoever has stopped waiting for it; what comes after waits behind it. Only a receiver that refuses it
 * again and again ends that. What tells a beginning is tried once: its sender learns of a failure and undoes what began, so
 * that no receiver hears of something that did not happen.
 */
import { Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { Act } from '../hcs/contract/compute-process.js';
import { messageOf, RxshimError } from '../hcs/failures/errors.js';
import { conclude, type Trouble } from '../operators/conclude.js';
import { eventLog } from './event-log.js';
import type { TaskEvent, TaskEventType } from './events.js';
import type { Logger } from './log.js';

export interface OutboxOptions {
  readonly scheduler: SchedulerLike;
  /** How long one attempt may take, in milliseconds. */
  readonly attemptTimeout: number;
  /** Which events are tried until they are out. Default: those that tell an end. */
  readonly durable?: (type: TaskEventType) => boolean;
  /**
   * Whether the receiver has answered, with this error. A durable event is dropped when it was refused five times, which
   * the log says. Default: an error says nothing about that.
   */
  readonly refused?: (error: unknown) => boolean;
  /** Whether `published$` is for late subscribers too. Default true. */
  readonly remembers?: boolean;
  /** Called for each event that is here no more, whatever became of it. */
  readonly left?: () => void;
  readonly log?: Logger | undefined;
}

export interface Outbox<E extends TaskEvent = TaskEvent> {
  /**
   * Completes when the event is out, or, for a durable one, when the first attempt is over, or did not come within the
   * time of one because others are before it: from then on it is the outbox's own affair. Errors when an event that is
   * tried once could not be published, or not in that time.
   */
  readonly publish: (event: E) => Act;
  /**
   * What is out, in order. Late subscribers get all events of what is not deleted, and the last 1024 of what is; none where
   * nothing is remembered.
   */
  readonly published$: Observable<E>;
  /** How many events are here: in flight, in a pause between attempts, or behind such a one. */
  readonly size: number;
  /**
   * Takes back the first event that was not tried yet and that `which` accepts, as though it had never been handed in.
   * Returns it, if there is one.
   */
  withdraw(which: (event: E) => boolean): E | undefined;
  /** Takes no more; `published$` completes when all that it has is out. */
  end(): void;
  /** The same without waiting: what is not out by now is lost, which the log says. */
  close(): void;
}

const firstDelay = 1_000;
const longestDelay = 5_000;

/** As many as containerd's own shims make. */
const mostRefusals = 5;

const tellsAnEnd = (type: TaskEventType): boolean => type === 'TaskExit' || type === 'TaskDelete';

interface Letter<E> {
  readonly event: E;
  readonly durable: boolean;
  /** Tells the sender what came of the first attempt. */
  readonly settle: (trouble: Trouble | undefined) => void;
  /** Gives up the attempt that is under way. */
  giveUp?: () => void;
  attempts: number;
  refusals: number;
}

/** Makes an outbox over what delivers one event. One outbox for a container keeps the order of its events. */
export const outbox = <E extends TaskEvent = TaskEvent>(
  deliver: (event: E) => Act,
  options: OutboxOptions,
): Outbox<E> => {
  const { scheduler, attemptTimeout, durable = tellsAnEnd, refused, left = () => undefined, log } = options;
  const published = eventLog<E>(options.remembers);
  let letters: Letter<E>[] = [];
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

  const send = (letter: Letter<E>): void => {
    sending = true;
    letter.attempts += 1;
    letter.giveUp = conclude(
      () => deliver(letter.event),
      attemptTimeout,
      scheduler,
      (trouble) => {
        if (trouble !== undefined && isRefusal(trouble)) letter.refusals += 1;
        const isDropped = letter.durable && letter.refusals >= mostRefusals;
        const isTried = letter.durable && !isDropped && !closed;
        if (trouble !== undefined && isTried) return tryAgain(letter, trouble);
        if (trouble !== undefined && isDropped) drop(letter, trouble);
        sending = false;
        const isHere = letters[0] === letter;
        if (isHere) letters.shift();
        if (trouble === undefined) published.add(letter.event);
        letter.settle(trouble);
        if (isHere) left();
        sendNext();
      },
    );
  };

  const isRefusal = (trouble: Trouble): boolean =>
    trouble.kind === 'failed' && refused?.(trouble.error) === true;

  const drop = ({ event, refusals }: Letter<E>, trouble: Trouble): void =>
    log?.error({ topic: event.topic, refusals, err: reasonOf(trouble) }, 'event dropped: it was refused');

  const tryAgain = (letter: Letter<E>, trouble: Trouble): void => {
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

  const remove = (letter: Letter<E>): void => {
    if (!letters.includes(letter)) return;
    letters = letters.filter((other) => other !== letter);
    left();
  };

  const publish = (event: E): Act =>
    new Observable<never>((listener) => {
      if (ended)
        return listener.error(new RxshimError('unavailable', `publishing ${event.topic}: outbox is closed`));
      const letter: Letter<E> = {
        event,
        durable: durable(event.type),
        attempts: 0,
        refusals: 0,
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
        if (letter.attempts === 0) remove(letter);
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
      left();
    }
    published.complete();
  };

  const withdraw: Outbox<E>['withdraw'] = (which) => {
    const letter = letters.find(({ attempts, event }) => attempts === 0 && which(event));
    if (letter === undefined) return undefined;
    remove(letter);
    letter.settle({ kind: 'overdue' });
    return letter.event;
  };

  return {
    publish,
    published$: published.events$,
    get size() {
      return letters.length;
    },
    withdraw,
    end,
    close,
  };
};

const reasonOf = (trouble: Trouble): string =>
  trouble.kind === 'failed' ? messageOf(trouble.error) : 'no answer in time';

const tookTooLong = ({ topic }: TaskEvent): RxshimError =>
  new RxshimError('unavailable', `publishing ${topic} took too long`);
