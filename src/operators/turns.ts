/**
 * One at a time, in the order of arrival.
 *
 * A turn lasts until its work has ended, whether or not anybody still listens: the next in line must not begin while
 * the work of one that lost interest is still under way. Who leaves before its turn came gives up its place.
 */
import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';

/**
 * Turns an Observable into one that waits for its turn when subscribed to.
 *
 * `atMost` is the longest, in milliseconds, that the others wait for it: then the next turn begins, while this work
 * may still go on. Without it they wait for ever.
 */
export type InTurn = <T>(work: Observable<T>, atMost?: number) => Observable<T>;

/** Makes a queue of its own. */
export const turns = (scheduler: SchedulerLike): InTurn => {
  let busy = false;
  let handingOn = false;
  let waiting: (() => void)[] = [];

  // A loop rather than a call within a call: thousands may have waited for work that then ends at once.
  const next = (): void => {
    busy = false;
    if (handingOn) return;
    handingOn = true;
    for (let begin = waiting.shift(); begin !== undefined; begin = busy ? undefined : waiting.shift()) {
      busy = true;
      begin();
    }
    handingOn = false;
  };

  const perform = <T>(work: Observable<T>, atMost: number | undefined, listener: Subscriber<T>): void => {
    let over = false;
    const endTurn = (): void => {
      if (over) return;
      over = true;
      next();
    };
    const working = work.subscribe({
      // A listener that has left ignores all this, so nothing is reported to nobody.
      next: (value) => listener.next(value),
      error: (error) => listener.error(error),
      complete: () => listener.complete(),
    });
    if (atMost !== undefined && !working.closed) working.add(scheduler.schedule(endTurn, atMost));
    working.add(endTurn);
  };

  return (work, atMost) =>
    new Observable((listener) => {
      let begun = false;
      const begin = (): void => {
        begun = true;
        perform(work, atMost, listener);
      };
      if (!busy) {
        busy = true;
        begin();
        return undefined;
      }
      waiting.push(begin);
      return () => {
        if (!begun) waiting = waiting.filter((other) => other !== begin);
      };
    });
};
