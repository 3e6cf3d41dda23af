/**
 * For work that must not hold up what follows: closing, publishing, reporting.
 */
import { EMPTY, type Observable, type SchedulerLike, type Subscription } from 'rxjs';

/** Why an act was not awaited to its completion: it failed or timed out. */
export type SettleFailure =
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'timedOut' };

/**
 * Calls `act`, subscribes, and calls `then` exactly once: when it completes, when it fails or throws, or after `within`
 * milliseconds, with the failure if there was one. Values are ignored. An act that times out is unsubscribed from; one
 * that completes synchronously sets no timer.
 *
 * Returns a function that ends the wait as a timeout does. Afterwards it does nothing.
 */
export const settleWithin = (
  act: () => Observable<unknown>,
  within: number,
  scheduler: SchedulerLike,
  then: (failure: SettleFailure | undefined) => void,
): (() => void) => {
  let source: Observable<unknown>;
  try {
    source = act();
  } catch (error) {
    then({ kind: 'failed', error });
    return noop;
  }
  // An act without work returns EMPTY: the usual case on a release, and not worth a subscription.
  if (source === EMPTY) {
    then(undefined);
    return noop;
  }
  let open = true;
  let acting: Subscription | undefined;
  let timer: Subscription | undefined;
  const end = (failure?: SettleFailure): void => {
    if (!open) return;
    open = false;
    acting?.unsubscribe();
    timer?.unsubscribe();
    then(failure);
  };
  try {
    acting = source.subscribe({ error: (error) => end({ kind: 'failed', error }), complete: () => end() });
  } catch (error) {
    end({ kind: 'failed', error });
  }
  if (!open) return noop;
  const timeOut = (): void => end({ kind: 'timedOut' });
  timer = scheduler.schedule(timeOut, within);
  return timeOut;
};

const noop = (): void => undefined;
