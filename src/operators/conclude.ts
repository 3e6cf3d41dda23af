/**
 * For what has to be done but must not hold up what comes after: closing, publishing, telling.
 */
import { EMPTY, type Observable, type SchedulerLike, type Subscription } from 'rxjs';

/** Why an act was not waited for any longer: it failed, or its time was up. */
export type Trouble = { readonly kind: 'failed'; readonly error: unknown } | { readonly kind: 'overdue' };

/**
 * Calls `act`, subscribes, and goes on to `then` exactly once: when it completes, when it fails (or throws), or after
 * `within` milliseconds, with the trouble if there was any. Values are ignored, and an act whose time is up is left.
 * One that ends at once costs no timer.
 *
 * Returns a function that ends the wait as if time were up; it does nothing once that is over.
 */
export const conclude = (
  act: () => Observable<unknown>,
  within: number,
  scheduler: SchedulerLike,
  then: (trouble: Trouble | undefined) => void,
): (() => void) => {
  let asked: Observable<unknown>;
  try {
    asked = act();
  } catch (error) {
    then({ kind: 'failed', error });
    return over;
  }
  // What has nothing to do says so with EMPTY: the usual case on a release, and not worth a subscription.
  if (asked === EMPTY) {
    then(undefined);
    return over;
  }
  let open = true;
  let acting: Subscription | undefined;
  let timer: Subscription | undefined;
  const end = (trouble?: Trouble): void => {
    if (!open) return;
    open = false;
    acting?.unsubscribe();
    timer?.unsubscribe();
    then(trouble);
  };
  try {
    acting = asked.subscribe({ error: (error) => end({ kind: 'failed', error }), complete: () => end() });
  } catch (error) {
    end({ kind: 'failed', error });
  }
  if (!open) return over;
  const giveUp = (): void => end({ kind: 'overdue' });
  timer = scheduler.schedule(giveUp, within);
  return giveUp;
};

const over = (): void => undefined;
