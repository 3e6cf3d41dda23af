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
 */
export const conclude = (
  act: () => Observable<unknown>,
  within: number,
  scheduler: SchedulerLike,
  then: (trouble: Trouble | undefined) => void,
): void => {
  let asked: Observable<unknown>;
  try {
    asked = act();
  } catch (error) {
    return then({ kind: 'failed', error });
  }
  // What has nothing to do says so with EMPTY: the usual case on a release, and not worth a subscription.
  if (asked === EMPTY) return then(undefined);
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
  if (open) timer = scheduler.schedule(() => end({ kind: 'overdue' }), within);
};
