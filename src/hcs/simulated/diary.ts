/**
 * The calls to the simulated systems of one scheduler, to diagnose a test that waits for an answer that does not come,
 * or that loops.
 *
 * Code that calls again as soon as it is answered, without letting time pass, would block the event loop or overflow
 * the stack. Beyond a limit nothing is answered any more, so the loop ends and the scheduler can report what happened.
 */
import { defer, finalize, NEVER, type Observable, type SchedulerLike } from 'rxjs';

export interface Diary {
  /** Pending calls, with their times. */
  readonly unanswered: Iterable<string>;
  /** Programs without a script. */
  readonly unscripted: Set<string>;
  /** The latest call. */
  readonly last: string;
  /** Records a call. Returns nothing when time stands still. */
  asking<T>(what: string, call: () => Observable<T>): Observable<T>;
}

/** The maximum number of calls at one instant. */
export const maxAtOnce = 10_000;

/** The error of a test that lets no time pass. */
export const standstill = (at: number, what: string, last: string, cause?: unknown): Error =>
  new Error(
    `time stands still at ${at} ms: ${what}; last asked: ${last}`,
    cause === undefined ? {} : { cause },
  );

/** @example moreThan('calls') */
export const moreThan = (what: string, max = maxAtOnce): string =>
  `more than ${max.toLocaleString('en')} ${what}`;

const diaries = new WeakMap<SchedulerLike, Diary>();

/** The diary of a scheduler. The limit counts when it is created. */
export const diaryOf = (scheduler: SchedulerLike, max = maxAtOnce): Diary => {
  const kept = diaries.get(scheduler);
  if (kept !== undefined) return kept;
  const diary = newDiary(scheduler, max);
  diaries.set(scheduler, diary);
  return diary;
};

const newDiary = (scheduler: SchedulerLike, max: number): Diary => {
  const open = new Map<object, string>();
  let last = 'nothing';
  let instant = -1;
  let count = 0;
  const tooMany = (): boolean => {
    const now = scheduler.now();
    count = now === instant ? count + 1 : 1;
    instant = now;
    // Reported once, by an action of the scheduler: the caller has no way to receive it.
    if (count === max + 1) {
      const error = standstill(now, moreThan('calls', max), last);
      scheduler.schedule(() => {
        throw error;
      });
    }
    return count > max;
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
