/**
 * Virtual time in which the order of what falls on the same instant is a choice.
 *
 * The scheduler of rxjs runs same-instant actions first come, first served, and so shows one order of events out of
 * many. Here a seed picks among all that are ready, for the engine's own timers and for what the simulated world does.
 * Between two actions nothing else happens: what an action brings about at once is part of it.
 */
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import type { Random } from '../../src/testing/simulate/random.js';

/** Which of several ready actions goes next, by its place in the order of their coming. */
type Choose = (count: number) => number;

export class SimScheduler implements SchedulerLike {
  #now = 0;
  /** In the order of their coming. */
  #waiting: SimAction<unknown>[] = [];
  readonly #choose: Choose;

  /** @param ties picks among ready actions; without it they run first come, first served. */
  constructor(ties?: Random) {
    this.#choose = ties === undefined ? () => 0 : (count) => ties.below(count);
  }

  now(): number {
    return this.#now;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    return new SimAction<T>(this, work, false).schedule(state, delay);
  }

  /** For the simulated world: not counted among what the engine has left behind. */
  later(delay: number, act: () => void): Subscription {
    return new SimAction<undefined>(this, act, true).schedule(undefined, delay);
  }

  enqueue(action: SimAction<unknown>): void {
    this.#waiting.push(action);
  }

  dequeue(action: SimAction<unknown>): void {
    const place = this.#waiting.indexOf(action);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  /** How many timers of the engine wait. */
  get engineTimers(): number {
    return this.#waiting.filter((action) => !action.ofWorld).length;
  }

  /** Runs one action that is due first; says whether there was any up to `until`. */
  step(until: number): boolean {
    const waiting = this.#waiting;
    let due = Number.POSITIVE_INFINITY;
    let ready = 0;
    for (const action of waiting) {
      if (action.due < due) {
        due = action.due;
        ready = 1;
      } else if (action.due === due) ready += 1;
    }
    if (due > until) return false;
    let place = ready === 1 ? 0 : this.#choose(ready);
    const at = waiting.findIndex((action) => action.due === due && place-- === 0);
    const [action] = waiting.splice(at, 1);
    this.#now = due;
    action?.run();
    return true;
  }
}

class SimAction<T> extends Subscription implements SchedulerAction<T> {
  due = 0;
  readonly ofWorld: boolean;
  readonly #scheduler: SimScheduler;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #state: T | undefined;
  #queued = false;

  constructor(
    scheduler: SimScheduler,
    work: (this: SchedulerAction<T>, state?: T) => void,
    ofWorld: boolean,
  ) {
    super();
    this.#scheduler = scheduler;
    this.#work = work;
    this.ofWorld = ofWorld;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#state = state;
    if (this.#queued) this.#scheduler.dequeue(this as SimAction<unknown>);
    this.#queued = true;
    this.due = this.#scheduler.now() + Math.max(0, delay);
    this.#scheduler.enqueue(this as SimAction<unknown>);
    return this;
  }

  run(): void {
    this.#queued = false;
    this.#work.call(this, this.#state);
    if (!this.#queued) this.unsubscribe();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    if (this.#queued) this.#scheduler.dequeue(this as SimAction<unknown>);
    this.#queued = false;
    super.unsubscribe();
  }
}
