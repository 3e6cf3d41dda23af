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
  const queue = new SerialQueue(scheduler);
  return (work, timeouts = none) => new Observable((listener) => queue.add(work, timeouts, listener));
};

const none: QueueTimeouts = {};

// Classes, because every exec has a queue: one object each, with methods on a prototype, rather than one for each closure.
class SerialQueue {
  readonly #scheduler: SchedulerLike;
  #busy = false;
  #advancing = false;
  #waiting: (() => void)[] | undefined;

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  add<T>(
    work: Observable<T>,
    { workTimeout, queueTimeout }: QueueTimeouts,
    listener: Subscriber<T>,
  ): (() => void) | undefined {
    if (!this.#busy) {
      this.#busy = true;
      this.#run(work, workTimeout, listener);
      return undefined;
    }
    let queued = true;
    let timer: Subscription | undefined;
    const begin = (): void => {
      queued = false;
      timer?.unsubscribe();
      this.#run(work, workTimeout, listener);
    };
    const leave = (): boolean => {
      if (!queued) return false;
      queued = false;
      this.#waiting = this.#waiting?.filter((other) => other !== begin);
      return true;
    };
    this.#waiting ??= [];
    this.#waiting.push(begin);
    if (queueTimeout !== undefined) {
      timer = this.#scheduler.schedule(() => {
        if (leave()) work.subscribe(new Forward(listener));
      }, queueTimeout);
    }
    return () => {
      timer?.unsubscribe();
      leave();
    };
  }

  #next(): void {
    this.#busy = false;
    if (this.#advancing || this.#waiting === undefined) return;
    // A loop rather than recursion: thousands of queued items may end synchronously.
    this.#advancing = true;
    for (
      let begin = this.#waiting.shift();
      begin !== undefined;
      begin = this.#busy ? undefined : this.#waiting.shift()
    ) {
      this.#busy = true;
      begin();
    }
    this.#advancing = false;
  }

  #run<T>(work: Observable<T>, workTimeout: number | undefined, listener: Subscriber<T>): void {
    let over = false;
    const release = (): void => {
      if (over) return;
      over = true;
      this.#next();
    };
    const working = work.subscribe(new Forward(listener));
    if (workTimeout !== undefined && !working.closed)
      working.add(this.#scheduler.schedule(release, workTimeout));
    working.add(release);
  }
}

/** Forwards to the listener without tying the work to its subscription: a closed listener ignores it. */
class Forward<T> implements Observer<T> {
  readonly #listener: Subscriber<T>;

  constructor(listener: Subscriber<T>) {
    this.#listener = listener;
  }

  next(value: T): void {
    this.#listener.next(value);
  }

  error(error: unknown): void {
    this.#listener.error(error);
  }

  complete(): void {
    this.#listener.complete();
  }
}
