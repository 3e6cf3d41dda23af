/**
 * Subscribes to the answer of an engine in the style of a callback. For the few questions that every exec asks, where a
 * chain of operators would cost more than the answer.
 */
import type { Observable, Subscription } from 'rxjs';

/**
 * Calls `act`, subscribes, and calls back exactly once: `answered` with the first value, or `failed` with the error, or
 * with `undefined` if it completes without a value.
 */
export const ask = <T>(
  act: () => Observable<T>,
  answered: (answer: T) => void,
  failed: (error: unknown) => void,
): void => {
  let open = true;
  let asking: Subscription | undefined;
  const fail = (error: unknown): void => {
    if (!open) return;
    open = false;
    failed(error);
  };
  try {
    asking = act().subscribe({
      next: (answer) => {
        if (!open) return;
        open = false;
        asking?.unsubscribe();
        answered(answer);
      },
      error: fail,
      complete: () => fail(undefined),
    });
  } catch (error) {
    fail(error);
  }
  if (!open) asking?.unsubscribe();
};
