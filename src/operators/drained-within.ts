/**
 * The end of a copy, or the timeout of it.
 *
 * What was written before the exit is owed to the reader: cap and idle cut only what comes besides. While something is
 * owed, a reader that takes nothing for `stall` milliseconds is all that cuts.
 */
import { EMPTY, Observable, type OperatorFunction, type SchedulerLike } from 'rxjs';

/** `through`: everything was copied. `cut`: time was up first. */
export type DrainOutcome = 'through' | 'cut';

export interface DrainBounds {
  /** The longest to wait, in milliseconds. */
  readonly cap: number;
  /** Wait no longer than this for the next bytes, in milliseconds. */
  readonly idle?: number;
  /** Completes when the reader has what it is owed. Default: nothing is owed. */
  readonly owed$?: Observable<never> | undefined;
  /** How long a reader may take nothing of what it is owed, in milliseconds. Default: 0, nothing is owed. */
  readonly stall?: number;
  /** How much has been copied so far; asked once every `idle`. */
  moved(): number;
  readonly scheduler: SchedulerLike;
}

/**
 * Returns an Observable that emits one outcome and completes: `through` when the source completes (or errors: a copy
 * that broke is over too), `cut` after `cap` milliseconds, or when no bytes have moved for `idle` milliseconds, but not
 * before the reader has what it is owed, unless it takes nothing for `stall` milliseconds.
 * A source that is through already costs no timer.
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
        // Hearing that it was cut may well end the copy.
        if (!open) return;
        open = false;
        listener.next(outcome);
        listener.complete();
      };
      const timeOut = (): void => {
        timedOut = true;
        if (!owes) answer('cut');
      };
      const settled = (): void => {
        owes = false;
        // What is read next may be the end.
        if (timedOut) listener.add(scheduler.schedule(() => answer('cut'), 0));
      };
      // A copy that cannot say how much it has moved is taken for stuck.
      const count = (): number => {
        try {
          return moved();
        } catch {
          return -1;
        }
      };
      /** Asks every `period` until it has been still for one. */
      const whenStill = (period: number, still: (again: () => void) => void): void =>
        void listener.add(
          scheduler.schedule<number>(
            function (seen = 0) {
              const now = count();
              const again = (): void => void this.schedule(now, period);
              if (now === seen) still(again);
              else again();
            },
            period,
            count(),
          ),
        );
      listener.add(source.subscribe({ error: () => answer('through'), complete: () => answer('through') }));
      if (listener.closed) return;
      if (owes) listener.add(owed$.subscribe({ error: settled, complete: settled }));
      listener.add(scheduler.schedule(timeOut, cap));
      if (idle !== undefined) whenStill(idle, (again) => (owes ? again() : answer('cut')));
      if (owes) whenStill(stall, () => owes && answer('cut'));
    });
