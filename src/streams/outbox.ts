/**
 * An outbox: messages are sent one at a time, in the order in which they were published, and a durable one is retried
 * until it is out.
 *
 * Two guarantees. A durable message is retried until its receiver has taken it, also after its sender has unsubscribed;
 * the messages behind it wait. It is dropped only when its receiver has refused it several times. Any other message is
 * tried once: its sender gets the failure and undoes what the message announces, so the message must not be sent after
 * its sender has cancelled it.
 *
 * The outbox knows nothing of what it sends but a topic for the log: a task sends its events by one (`event-outbox.ts`),
 * the shim's daemon sends encoded events by one for each container.
 */
import { Observable, type SchedulerLike, Subject, type Subscription } from 'rxjs';
import type { Act } from '../hcs/contract/compute-process.js';
import { messageOf, RxshimError } from '../hcs/failures/errors.js';
import { type SettleFailure, settleWithin } from '../operators/settle-within.js';
import type { Logger } from './log.js';

/** A message has at least a name for the log and for errors. */
export interface Message {
  readonly topic: string;
}

/** Options of `outbox`. */
export interface OutboxOptions<T extends Message> {
  readonly scheduler: SchedulerLike;
  /** The timeout of one attempt, in milliseconds. */
  readonly attemptTimeout: number;
  /** Whether a message is retried until it is out. Default: each one is. */
  readonly isDurable?: (message: T) => boolean;
  /**
   * Whether an error is the receiver's answer. A durable message is dropped, with an error in the log, when it was refused
   * five times. Default: no error is an answer.
   */
  readonly isRefusal?: (error: unknown) => boolean;
  /** Called for each message that has left the outbox: sent, failed, dropped, withdrawn or lost. */
  readonly onLeft?: () => void;
  readonly log?: Logger | undefined;
}

/** Delivers messages in order, and retries. */
export interface Outbox<T extends Message> {
  /**
   * Completes when the message is out. For a durable one it completes after the first attempt as well, and after the
   * timeout of one attempt when earlier messages are still being retried. Errors when a message that is tried once could
   * not be sent, or not within that timeout. Unsubscribing cancels a message that is tried once.
   */
  readonly publish: (message: T) => Act;
  /** Each message when it is out, in order. Replays nothing. Completes after `end` or `close`. */
  readonly sent$: Observable<T>;
  /** The number of messages that are being sent, retried, or waiting behind one of those. */
  readonly size: number;
  /**
   * Removes and returns the first message that was not tried yet and that `isPreferred` accepts; if there is none, the first
   * that was not tried yet. Its sender is notified as though the message were durable or had timed out.
   */
  withdraw(isPreferred: (message: T) => boolean): T | undefined;
  /** Takes no more messages; `sent$` completes when all earlier ones are out. */
  end(): void;
  /** Takes no more messages and discards those that are not out, with an error in the log for each. */
  close(): void;
}

const firstDelay = 1_000;
const maxDelay = 5_000;

/** The same number as in containerd's own shims. */
const maxRefusals = 5;

interface Entry<T> {
  readonly message: T;
  readonly durable: boolean;
  /** Reports the result of the first attempt to the sender. */
  readonly settle: (failure: SettleFailure | undefined) => void;
  /** Cancels the attempt in flight. */
  cancel?: () => void;
  attempts: number;
  refusals: number;
}

/**
 * Makes an outbox: it sends messages in order, and retries durable ones until they are out.
 *
 * @param deliver sends one message: completes when the message is out, errors when it could not be sent.
 */
export const outbox = <T extends Message>(
  deliver: (message: T) => Act,
  options: OutboxOptions<T>,
): Outbox<T> => {
  const { scheduler, attemptTimeout, isDurable, isRefusal, onLeft, log } = options;
  const sent$ = new Subject<T>();
  let entries: Entry<T>[] = [];
  let sending = false;
  let looping = false;
  let ended = false;
  let closed = false;
  let pause: Subscription | undefined;

  // A loop rather than recursion: thousands may have waited for one, and are then sent within one call.
  const sendNext = (): void => {
    if (looping) return;
    looping = true;
    for (let entry = entries[0]; entry !== undefined && !sending && !closed; entry = entries[0]) send(entry);
    looping = false;
    if (ended && entries.length === 0) sent$.complete();
  };

  const send = (entry: Entry<T>): void => {
    sending = true;
    entry.attempts += 1;
    entry.cancel = settleWithin(
      () => deliver(entry.message),
      attemptTimeout,
      scheduler,
      (failure) => {
        if (failure?.kind === 'failed' && isRefusal?.(failure.error)) entry.refusals += 1;
        const isDropped = entry.durable && entry.refusals >= maxRefusals;
        const isRetried = entry.durable && !isDropped && !closed;
        if (failure !== undefined && isRetried) return retry(entry, failure);
        if (failure !== undefined && isDropped) logDropped(entry, failure);
        sending = false;
        const isHere = entries[0] === entry;
        if (isHere) entries.shift();
        if (failure === undefined) sent$.next(entry.message);
        entry.settle(failure);
        if (isHere) onLeft?.();
        sendNext();
      },
    );
  };

  const logDropped = ({ message, refusals }: Entry<T>, failure: SettleFailure): void =>
    log?.error({ topic: message.topic, refusals, err: reasonOf(failure) }, 'event dropped: it was refused');

  const retry = (entry: Entry<T>, failure: SettleFailure): void => {
    const { message, attempts } = entry;
    log?.warn({ topic: message.topic, attempts, err: reasonOf(failure) }, 'failed to publish, trying again');
    pause = scheduler.schedule(
      () => {
        sending = false;
        sendNext();
      },
      Math.min(firstDelay * attempts, maxDelay),
    );
    entry.settle(failure);
  };

  const remove = (entry: Entry<T>): void => {
    if (!entries.includes(entry)) return;
    entries = entries.filter((other) => other !== entry);
    onLeft?.();
  };

  const publish = (message: T): Act =>
    new Observable<never>((listener) => {
      if (ended)
        return listener.error(
          new RxshimError('unavailable', `publishing ${message.topic}: outbox is closed`),
        );
      const entry: Entry<T> = {
        message,
        durable: isDurable?.(message) ?? true,
        attempts: 0,
        refusals: 0,
        settle: (failure) => {
          if (failure === undefined || entry.durable) listener.complete();
          else listener.error(failure.kind === 'failed' ? failure.error : timeoutOf(message));
        },
      };
      entries.push(entry);
      sendNext();
      if (listener.closed) return undefined;
      // A sender that unsubscribes undoes what the message announces: the message must not be sent after that.
      const cancel = (): void => {
        if (entry.durable) return;
        if (entry.attempts === 0) remove(entry);
        else entry.cancel?.();
      };
      // Earlier messages may be retried without end; no sender waits for that.
      const expire = (): void => {
        if (entry.attempts > 0) return;
        cancel();
        entry.settle({ kind: 'timedOut' });
      };
      const waiting = entry.attempts > 0 ? undefined : scheduler.schedule(expire, attemptTimeout);
      return () => {
        waiting?.unsubscribe();
        cancel();
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
    const lost = entries;
    entries = [];
    for (const entry of lost) {
      log?.error({ topic: entry.message.topic }, 'event not published: outbox is closed');
      entry.settle({ kind: 'timedOut' });
      onLeft?.();
    }
    sent$.complete();
  };

  const withdraw = (isPreferred: (message: T) => boolean): T | undefined => {
    let first: Entry<T> | undefined;
    for (const entry of entries) {
      if (entry.attempts > 0) continue;
      first ??= entry;
      if (!isPreferred(entry.message)) continue;
      first = entry;
      break;
    }
    if (first === undefined) return undefined;
    remove(first);
    first.settle({ kind: 'timedOut' });
    return first.message;
  };

  return {
    publish,
    sent$: sent$.asObservable(),
    get size() {
      return entries.length;
    },
    withdraw,
    end,
    close,
  };
};

const reasonOf = (failure: SettleFailure): string =>
  failure.kind === 'failed' ? messageOf(failure.error) : 'no answer in time';

const timeoutOf = ({ topic }: Message): RxshimError =>
  new RxshimError('unavailable', `publishing ${topic} took too long`);
