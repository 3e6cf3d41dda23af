/**
 * The deadlines of requests, which all have the same timeout, by one timer: to start and to clear one for each request
 * costs more than its message. The timer looks once a second, so that it does not stay for minutes when all are answered.
 */
import type { SchedulerLike, Subscription } from 'rxjs';

export interface Deadlines {
  add(id: bigint, what: string): void;
  remove(id: bigint): void;
  /** No deadline passes any more. */
  close(): void;
}

interface Deadline {
  readonly at: number;
  readonly what: string;
}

/** In milliseconds. */
const period = 1_000;

/** @param late is called with the first request whose deadline has passed. */
export const deadlinesOf = (
  scheduler: SchedulerLike,
  timeout: number,
  late: (what: string) => void,
): Deadlines => {
  // In the order of their deadlines, because later ones are added later.
  const due = new Map<bigint, Deadline>();
  let timer: Subscription | undefined;

  const wait = (duration: number): void => {
    timer = scheduler.schedule(look, Math.min(duration, period));
  };
  const look = (): void => {
    timer = undefined;
    const [first] = due.values();
    if (first === undefined) return;
    const left = first.at - scheduler.now();
    if (left > 0) wait(left);
    else late(first.what);
  };

  return {
    add: (id, what) => {
      due.set(id, { at: scheduler.now() + timeout, what });
      if (timer === undefined) wait(timeout);
    },
    remove: (id) => void due.delete(id),
    close: () => {
      timer?.unsubscribe();
      due.clear();
    },
  };
};
