/** `conclude` as an Observable, for where steps are put together. */
import { Observable, type SchedulerLike } from 'rxjs';
import { conclude, type Trouble } from './conclude.js';

/**
 * Returns an Observable that calls `act` when subscribed to and always completes, without a value: when the act does,
 * when it fails, or after `within` milliseconds. What went wrong is for `onTrouble`.
 */
export const concluded = (
  act: () => Observable<unknown>,
  within: number,
  scheduler: SchedulerLike,
  onTrouble: (trouble: Trouble) => void = () => undefined,
): Observable<never> =>
  new Observable((listener) => {
    conclude(act, within, scheduler, (trouble) => {
      if (trouble !== undefined) onTrouble(trouble);
      listener.complete();
    });
  });
