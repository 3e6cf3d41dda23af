/**
 * What the simulated systems of one scheduler were asked: for who waits for an answer that does not come, and for code
 * that goes round in circles.
 *
 * Code that asks again as soon as it is answered, and lets no time pass, would hold the event loop, or the stack, for
 * ever. Beyond a limit nothing is answered any more: so it comes to rest, and the scheduler can tell what happened.
 */
import { defer, finalize, NEVER, type Observable, type SchedulerLike } from 'rxjs';

export interface Diary {
  /** Calls that somebody still waits for, with their times. */
  readonly unanswered: Iterable<string>;
  /** Programs that no script was found for. */
  readonly unscripted: Set<string>;
  /** The latest call. */
  readonly last: string;
  /** A call, unless time stands still. */
  asking<T>(what: string, call: () => Observable<T>): Observable<T>;
}

/** So much may happen at one instant. */
export const mostAtOnce = 10_000;

/** What a test fails with that lets no time pass. */
export const standstill = (at: number, what: string, last: string, cause?: unknown): Error =>
  new Error(
    `time stands still at ${at} ms: ${what}; last asked: ${last}`,
    cause === undefined ? {} : { cause },
  );

/** @example moreThan('calls') */
export const moreThan = (what: string): string => `more than ${mostAtOnce.toLocaleString('en')} ${what}`;

const diaries = new WeakMap<SchedulerLike, Diary>();

/** The one diary of a scheduler. */
export const diaryOf = (scheduler: SchedulerLike): Diary => {
  const kept = diaries.get(scheduler);
  if (kept !== undefined) return kept;
  const diary = newDiary(scheduler);
  diaries.set(scheduler, diary);
  return diary;
};

const newDiary = (scheduler: SchedulerLike): Diary => {
  const open = new Map<object, string>();
  let last = 'nothing';
  let instant = -1;
  let count = 0;
  const tooMany = (): boolean => {
    const now = scheduler.now();
    count = now === instant ? count + 1 : 1;
    instant = now;
    // Told once, by an action: what called has no ear for it.
    if (count === mostAtOnce + 1) {
      const error = standstill(now, moreThan('calls'), last);
      scheduler.schedule(() => {
        throw error;
      });
    }
    return count > mostAtOnce;
  };
  return {
    get unanswered() {
      return open.values();
    },
    unscripted: new Set(),
    get last() {
      return last;
    },
    asking: (what, call) =>
      defer(() => {
        last = what;
        if (tooMany()) return NEVER;
        const mine = {};
        open.set(mine, `${what} (at ${scheduler.now()} ms)`);
        return call().pipe(finalize(() => open.delete(mine)));
      }),
  };
};
