/**
 * For work that must not run twice at a time: concurrent subscribers share one run.
 */
import { defer, type Observable, ReplaySubject, tap } from 'rxjs';

/**
 * Returns an Observable that shares one run of the source, from its beginning, among all who subscribe while it runs.
 * The run continues even if all of them unsubscribe. A later subscriber starts another run.
 */
export const singleFlight = <T>(source: Observable<T>): Observable<T> => {
  let running: ReplaySubject<T> | undefined;
  return defer(() => {
    if (running !== undefined) return running;
    const run = new ReplaySubject<T>();
    running = run;
    // Reset before the subscribers are notified, since they may start another run in response.
    const over = (): void => {
      running = undefined;
    };
    source.pipe(tap({ error: over, complete: over })).subscribe(run);
    return run;
  });
};
