/**
 * All events of a daemon on their way to containerd: one at a time, in the order in which they were handed in, each
 * tried until it is out, however long containerd is away.
 */
import type { SchedulerLike } from 'rxjs';
import type { TaskEvent } from '../../streams/events.js';
import type { Logger } from '../../streams/log.js';
import { outbox } from '../../streams/outbox.js';
import { type Creation, encodeEvent } from './encode-event.js';
import type { Forwarder, Letter } from './forward.js';

export interface EventQueue {
  /** Never waits, never fails. */
  publish(event: TaskEvent, creation?: Creation): void;
  /** Resolves when all is out, or after `within` milliseconds: then what is left is lost, which the log says. */
  close(within: number): Promise<void>;
}

const attemptTimeout = 5_000;

export const eventQueue = (
  forwarder: Forwarder,
  scheduler: SchedulerLike,
  log: Logger | undefined,
): EventQueue => {
  const letters = new WeakMap<TaskEvent, Letter>();
  const box = outbox((event) => forwarder.forward(letters.get(event) as Letter), {
    scheduler,
    attemptTimeout,
    durable: () => true,
    log,
  });
  return {
    publish: (event, creation) => {
      letters.set(event, {
        topic: event.topic,
        event: encodeEvent(event, creation),
        at: new Date(scheduler.now()),
      });
      box.publish(event).subscribe({
        error: (err) => log?.error({ err, topic: event.topic }, 'event lost'),
      });
    },
    close: (within) =>
      new Promise((resolve) => {
        const cut = scheduler.schedule(box.close, within);
        box.published$.subscribe({
          complete: () => {
            cut.unsubscribe();
            forwarder.close();
            resolve();
          },
        });
        box.end();
      }),
  };
};
