/**
 * One at a time, in the order of arrival.
 *
 * A turn lasts until its work has ended, whether or not anybody still listens: the next in line must not begin while
 * the work of one that lost interest is still under way. Who leaves before its turn came gives up its place.
 */
import { Observable, type Observer, type SchedulerLike, type Subscriber, type Subscription } from 'rxjs';

/** In milliseconds. Without a bound it is for ever. */
export interface TurnBounds {
  /** The longest that the others wait for this work: then the next turn begins, while it may still go on. */
  readonly atMost?: number;
  /** The longest that this work waits for its turn: then it begins without one, and holds up nobody. */
  readonly patience?: number;
}

/** Turns an Observable into one that waits for its turn when subscribed to. */
export type InTurn = <T>(work: Observable<T>, bounds?: TurnBounds) => Observable<T>;

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
    const working = work.subscribe(forwarded(listener));
    if (atMost !== undefined && !working.closed) working.add(scheduler.schedule(endTurn, atMost));
    working.add(endTurn);
  };

  return (work, { atMost, patience } = {}) =>
    new Observable((listener) => {
      if (!busy) {
        busy = true;
        return perform(work, atMost, listener);
      }
      let waits = true;
      let impatience: Subscription | undefined;
      const begin = (): void => {
        waits = false;
        impatience?.unsubscribe();
        perform(work, atMost, listener);
      };
      const leave = (): boolean => {
        if (!waits) return false;
        waits = false;
        waiting = waiting.filter((other) => other !== begin);
        return true;
      };
      waiting.push(begin);
      if (patience !== undefined) {
        impatience = scheduler.schedule(() => {
          if (leave()) work.subscribe(forwarded(listener));
        }, patience);
      }
      return () => {
        impatience?.unsubscribe();
        leave();
      };
    });
};

/** A listener that has left ignores all this, so nothing is reported to nobody; its leaving does not end the work. */
const forwarded = <T>(listener: Subscriber<T>): Observer<T> => ({
  next: (value) => listener.next(value),
  error: (error) => listener.error(error),
  complete: () => listener.complete(),
});
