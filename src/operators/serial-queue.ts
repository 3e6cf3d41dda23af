/**
 * Runs work one at a time, in the order of arrival.
 *
 * A work item occupies the queue until it has ended, even if its subscriber has left: the next must not start before. A
 * subscriber that leaves while its work is queued removes it from the queue.
 */
import { Observable, type Observer, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';

/** Timeouts in milliseconds. None by default. */
export interface QueueTimeouts {
  /** The longest that this work blocks the queue. After that the next one starts, while this one may still run. */
  readonly workTimeout?: number;
  /**
   * The queue timeout: the longest that this work waits in the queue. After that it starts out of turn, without blocking
   * the queue.
   */
  readonly queueTimeout?: number;
}

/** Returns an Observable that queues the work when subscribed to. */
export type Enqueue = <T>(work: Observable<T>, bounds?: QueueTimeouts) => Observable<T>;

/** Creates a queue. */
export const serialQueue = (scheduler: SchedulerLike): Enqueue => {
  let busy = false;
  let advancing = false;
  let waiting: (() => void)[] = [];

  // A loop rather than recursion: thousands of queued items may end synchronously.
  const next = (): void => {
    busy = false;
    if (advancing) return;
    advancing = true;
    for (let begin = waiting.shift(); begin !== undefined; begin = busy ? undefined : waiting.shift()) {
      busy = true;
      begin();
    }
    advancing = false;
  };

  const run = <T>(work: Observable<T>, workTimeout: number | undefined, listener: Subscriber<T>): void => {
    let over = false;
    const release = (): void => {
      if (over) return;
      over = true;
      next();
    };
    const working = work.subscribe(forwarded(listener));
    if (workTimeout !== undefined && !working.closed) working.add(scheduler.schedule(release, workTimeout));
    working.add(release);
  };

  return (work, { workTimeout, queueTimeout } = {}) =>
    new Observable((listener) => {
      if (!busy) {
        busy = true;
        return run(work, workTimeout, listener);
      }
      let queued = true;
      let timer: Subscription | undefined;
      const begin = (): void => {
        queued = false;
        timer?.unsubscribe();
        run(work, workTimeout, listener);
      };
      const leave = (): boolean => {
        if (!queued) return false;
        queued = false;
        waiting = waiting.filter((other) => other !== begin);
        return true;
      };
      waiting.push(begin);
      if (queueTimeout !== undefined) {
        timer = scheduler.schedule(() => {
          if (leave()) work.subscribe(forwarded(listener));
        }, queueTimeout);
      }
      return () => {
        timer?.unsubscribe();
        leave();
      };
    });
};

/** Forwards to the listener without tying the work to its subscription: a closed listener ignores it. */
const forwarded = <T>(listener: Subscriber<T>): Observer<T> => ({
  next: (value) => listener.next(value),
  error: (error) => listener.error(error),
  complete: () => listener.complete(),
});
