/**
 * The events that a daemon sends to containerd: one outbox for each container, so that its events stay in order and no
 * container waits for another. The tasks of the daemon have no outbox of their own.
 *
 * The invariant: an event is published, or the log says that it was not. It is dropped for three reasons only: containerd
 * has refused it five times, the daemon exits, or containerd was away for so long that the limit on waiting events was
 * reached.
 */
import { type SchedulerLike, tap } from 'rxjs';
import type { Act } from '../../hcs/contract/compute-process.js';
import { execOf } from '../../streams/event-log.js';
import type { TaskEvent } from '../../streams/events.js';
import type { Logger } from '../../streams/log.js';
import { type Outbox, outbox } from '../../streams/outbox.js';
import { type Creation, encodeEvent } from './encode-event.js';
import { type EncodedEvent, type Forwarder, isRefusal } from './forward.js';

export interface EventQueue {
  /** Never waits, never fails. */
  publish(event: TaskEvent, creation?: Creation): void;
  /** How many events wait to be published, and how many were dropped because more than `maxEvents` waited. */
  readonly waiting: number;
  readonly overflowed: number;
  /** Resolves when all events are out, or after `within` milliseconds; the log names each event that is lost then. */
  close(within: number): Promise<void>;
}

/** The events that are not out, for the daemon that comes after this one. */
export interface EventRecords {
  /** Returns what is to be called when it is out. */
  publishing(event: EncodedEvent): () => void;
  /** Those of an earlier daemon, in their order. */
  unpublished(): readonly { readonly event: EncodedEvent; readonly published: () => void }[];
}

/** An event, and what records that it is out. */
type QueuedEvent = EncodedEvent & { readonly published?: () => void };

const attemptTimeout = 5_000;

/** Of all containers together. An event takes about a kilobyte. */
export const maxEvents = 4_096;

/** The log has a line for the first dropped event, and then one for each so many. */
const overflowsInOneLine = 1_000;

export const eventQueue = (
  forwarder: Forwarder,
  scheduler: SchedulerLike,
  log: Logger | undefined,
  records?: EventRecords,
): EventQueue => {
  const boxes = new Map<string, Outbox<QueuedEvent>>();
  let waiting = 0;
  let overflowed = 0;
  let emptied: (() => void) | undefined;

  const forward = (event: QueuedEvent): Act =>
    forwarder.forward(event).pipe(tap({ complete: () => event.published?.() }));

  const enqueue = (event: QueuedEvent): void => {
    makeRoom();
    waiting += 1;
    boxOf(event.containerId).publish(event).subscribe();
  };

  const boxOf = (containerId: string): Outbox<QueuedEvent> => {
    const known = boxes.get(containerId);
    if (known !== undefined) return known;
    const box = outbox(forward, {
      scheduler,
      attemptTimeout,
      isRefusal,
      log,
      onLeft: () => {
        waiting -= 1;
        if (box.size > 0) return;
        boxes.delete(containerId);
        if (boxes.size === 0) emptied?.();
      },
    });
    boxes.set(containerId, box);
    return box;
  };

  /** Drops the oldest event of the container with the most events: one of its execs, if there is one. */
  const makeRoom = (): void => {
    if (waiting < maxEvents) return;
    const dropped = longestOf(boxes.values())?.withdraw(isOfExec);
    if (dropped === undefined) return;
    dropped.published?.();
    overflowed += 1;
    if (overflowed % overflowsInOneLine !== 1) return;
    log?.error({ topic: dropped.topic, overflowed }, 'event dropped: too many wait for containerd');
  };

  for (const { event, published } of records?.unpublished() ?? []) enqueue({ ...event, published });

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
        const encoded: EncodedEvent = { ...event, encoded: encodeEvent(event, creation), at };
        enqueue(records === undefined ? encoded : { ...encoded, published: records.publishing(encoded) });
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

const longestOf = (boxes: Iterable<Outbox<QueuedEvent>>): Outbox<QueuedEvent> | undefined => {
  let longest: Outbox<QueuedEvent> | undefined;
  for (const box of boxes) if (longest === undefined || box.size > longest.size) longest = box;
  return longest;
};

const isOfExec = (event: TaskEvent): boolean => execOf(event) !== '';
