/**
 * The events of a daemon on their way to containerd: an outbox for each container, so that they stay in order and no
 * container waits for another's.
 *
 * The invariant: an event is published, or the log says that it was not. It is dropped for three reasons only: containerd
 * has refused it again and again, the daemon leaves, or containerd was away for so long that memory would not last.
 */
import type { SchedulerLike } from 'rxjs';
import { execOf } from '../../streams/event-log.js';
import type { TaskEvent } from '../../streams/events.js';
import type { Logger } from '../../streams/log.js';
import { type Outbox, outbox } from '../../streams/outbox.js';
import { type Creation, encodeEvent } from './encode-event.js';
import { type Forwarder, isRefusal, type Letter } from './forward.js';

export interface EventQueue {
  /** Never waits, never fails. */
  publish(event: TaskEvent, creation?: Creation): void;
  /** How many events wait to be published, and how many were dropped because more than `mostEvents` did. */
  readonly waiting: number;
  readonly overflowed: number;
  /** Resolves when all is out, or after `within` milliseconds: then what is left is lost, which the log says. */
  close(within: number): Promise<void>;
}

const attemptTimeout = 5_000;

/** Of all containers together. An event takes about a kilobyte. */
export const mostEvents = 4_096;

/** What is said of dropped events: the first at once, and then each so many. */
const overflowsInOneLine = 1_000;

export const eventQueue = (
  forwarder: Forwarder,
  scheduler: SchedulerLike,
  log: Logger | undefined,
): EventQueue => {
  const boxes = new Map<string, Outbox<Letter>>();
  let waiting = 0;
  let overflowed = 0;
  let emptied: (() => void) | undefined;

  const boxOf = (containerId: string): Outbox<Letter> => {
    const known = boxes.get(containerId);
    if (known !== undefined) return known;
    const box = outbox<Letter>(forwarder.forward, {
      scheduler,
      attemptTimeout,
      durable: () => true,
      refused: isRefusal,
      remembers: false,
      log,
      left: () => {
        waiting -= 1;
        if (box.size > 0) return;
        boxes.delete(containerId);
        if (boxes.size === 0) emptied?.();
      },
    });
    boxes.set(containerId, box);
    return box;
  };

  /** The container with the most events loses its oldest: of its execs, if it has one, rather than of itself. */
  const makeRoom = (): void => {
    if (waiting < mostEvents) return;
    const [longest] = [...boxes.values()].sort((one, other) => other.size - one.size);
    const dropped = longest?.withdraw(isOfExec) ?? longest?.withdraw(() => true);
    if (dropped === undefined) return;
    overflowed += 1;
    if (overflowed % overflowsInOneLine !== 1) return;
    log?.error({ topic: dropped.topic, overflowed }, 'event dropped: too many wait for containerd');
  };

  return {
    get waiting() {
      return waiting;
    },
    get overflowed() {
      return overflowed;
    },
    publish: (event, creation) => {
      const { topic, containerId } = event;
      if (emptied !== undefined)
        return log?.error({ topic, containerId }, 'event not published: the daemon leaves');
      try {
        const at = new Date(scheduler.now());
        const letter: Letter = { ...event, encoded: encodeEvent(event, creation), at };
        makeRoom();
        waiting += 1;
        boxOf(containerId).publish(letter).subscribe();
      } catch (err) {
        log?.error({ err, topic, containerId }, 'event not published');
      }
    },
    close: (within) =>
      new Promise((resolve) => {
        const cut = scheduler.schedule(() => {
          for (const box of [...boxes.values()]) box.close();
        }, within);
        emptied = () => {
          cut.unsubscribe();
          forwarder.close();
          if (overflowed > 0)
            log?.error({ overflowed }, 'events were dropped: too many waited for containerd');
          resolve();
        };
        if (boxes.size === 0) emptied();
      }),
  };
};

const isOfExec = (event: TaskEvent): boolean => execOf(event) !== '';
