/**
 * The end of a copy, or its timeout.
 *
 * Output written before the exit is always copied: `cap` and `idle` cut only what comes after it. Until then only a
 * reader that takes nothing for `stall` milliseconds ends the copy.
 */
import { EMPTY, Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';

/** `through`: everything was copied. `cut`: the copy timed out. */
export type DrainOutcome = 'through' | 'cut';

export interface DrainBounds {
  /** The timeout in milliseconds. */
  readonly cap: number;
  /** The idle timeout: the longest wait for the next bytes, in milliseconds. */
  readonly idle?: number;
  /** Completes when the reader has all output written before the exit. Default: at once. */
  readonly owed$?: Observable<never> | undefined;
  /** How long the reader may take nothing of that output, in milliseconds. Default: 0, nothing is pending. */
  readonly stall?: number;
  /** How much has been copied so far. Called once every `idle`. */
  moved(): number;
  readonly scheduler: SchedulerLike;
}

/**
 * Returns an Observable that emits one outcome and completes: `through` when the source completes (or errors: a broken
 * copy is over too); `cut` after `cap` milliseconds, or when no bytes have moved for `idle` milliseconds, but not
 * before the reader has the output written before the exit, unless it takes nothing for `stall` milliseconds.
 * A source that is complete already sets no timer.
 */
export const drainedWithin =
  ({
    cap,
    idle,
    moved,
    scheduler,
    owed$ = EMPTY,
    stall = 0,
  }: DrainBounds): OperatorFunction<unknown, DrainOutcome> =>
  (source) =>
    new Observable((listener) => {
      let open = true;
      let owes = stall > 0;
      let timedOut = false;
      const answer = (outcome: DrainOutcome): void => {
        // The subscriber may end the copy in response.
        if (!open) return;
        open = false;
        listener.next(outcome);
        listener.complete();
      };
      const timeOut = (): undefined => {
        timedOut = true;
        if (!owes) answer('cut');
      };
      const cut = (): true => {
        answer('cut');
        return true;
      };
      const settled = (): void => {
        owes = false;
        // The next read may be the end of file.
        if (timedOut) listener.add(scheduler.schedule(() => answer('cut'), 0));
      };
      // A copy that cannot report its progress counts as stuck.
      const count = (): number => {
        try {
          return moved();
        } catch {
          return -1;
        }
      };
      /** Looks at the progress every `period`, until `still` takes that for the end: it has not changed for one. */
      const whenStill = (period: number, still: () => boolean): Alarm => {
        let seen = count();
        const ring = (): number | undefined => {
          const now = count();
          if (now === seen && still()) return undefined;
          seen = now;
          return period;
        };
        return { at: period, ring };
      };
      listener.add(source.subscribe({ error: () => answer('through'), complete: () => answer('through') }));
      if (listener.closed) return;
      if (owes) listener.add(owed$.subscribe({ error: settled, complete: settled }));
      const alarms: Alarm[] = [{ at: cap, ring: timeOut }];
      if (idle !== undefined) alarms.push(whenStill(idle, () => !owes && cut()));
      if (owes) alarms.push(whenStill(stall, () => !owes || cut()));
      listener.add(setAlarms(alarms, scheduler));
    });

interface Alarm {
  /** In milliseconds from the beginning. */
  at: number;
  /** Returns in how many milliseconds it rings again, if it does. */
  ring(): number | undefined;
}

/** One timer for all, because nearly every drain is over long before the first alarm. */
const setAlarms = (alarms: readonly Alarm[], scheduler: SchedulerLike): Subscription => {
  const next = (): number =>
    alarms.reduce((soonest, { at }) => Math.min(soonest, at), Number.POSITIVE_INFINITY);
  return scheduler.schedule<number>(
    function (now = next()) {
      for (const alarm of alarms) if (alarm.at <= now) alarm.at += alarm.ring() ?? Number.POSITIVE_INFINITY;
      if (next() < Number.POSITIVE_INFINITY) this.schedule(next(), next() - now);
    },
    next(),
    next(),
  );
};
