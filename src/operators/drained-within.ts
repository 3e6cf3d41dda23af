/** The end of a copy, or the end of patience with it. */
import { Observable, type OperatorFunction, type SchedulerLike } from 'rxjs';

/** `through`: everything was copied. `cut`: time was up first. */
export type DrainOutcome = 'through' | 'cut';

export interface DrainBounds {
  /** The longest to wait, in milliseconds. */
  readonly cap: number;
  /** Wait no longer than this for the next bytes, in milliseconds. */
  readonly idle?: number;
  /** How much has been copied so far; asked once every `idle`. */
  moved(): number;
  readonly scheduler: SchedulerLike;
}

/**
 * Returns an Observable that emits one outcome and completes: `through` when the source completes (or errors: a copy
 * that broke is over too), `cut` after `cap` milliseconds, or when no bytes have moved for `idle` milliseconds.
 * A source that is through already costs no timer.
 */
export const drainedWithin =
  ({ cap, idle, moved, scheduler }: DrainBounds): OperatorFunction<unknown, DrainOutcome> =>
  (source) =>
    new Observable((listener) => {
      let open = true;
      const answer = (outcome: DrainOutcome): void => {
        // Hearing that it was cut may well end the copy.
        if (!open) return;
        open = false;
        listener.next(outcome);
        listener.complete();
      };
      listener.add(source.subscribe({ error: () => answer('through'), complete: () => answer('through') }));
      if (listener.closed) return;
      listener.add(scheduler.schedule(() => answer('cut'), cap));
      if (idle === undefined) return;
      // A copy that cannot say how much it has moved is taken for stuck.
      const count = (): number => {
        try {
          return moved();
        } catch {
          return -1;
        }
      };
      listener.add(
        scheduler.schedule<number>(
          function (seen = 0) {
            const now = count();
            if (now === seen) answer('cut');
            else this.schedule(now, idle);
          },
          idle,
          count(),
        ),
      );
    });
