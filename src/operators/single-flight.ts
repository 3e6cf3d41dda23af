/** For work that must not run twice at a time: who asks for it while it runs gets the same answer. */
import { defer, type Observable, ReplaySubject, tap } from 'rxjs';

/**
 * Returns an Observable that shares one run of the source among all who subscribe while it runs, from its beginning. The
 * run goes on to its end also when all of them leave. Who subscribes after its end starts another.
 */
export const singleFlight = <T>(source: Observable<T>): Observable<T> => {
  let running: ReplaySubject<T> | undefined;
  return defer(() => {
    if (running !== undefined) return running;
    const run = new ReplaySubject<T>();
    running = run;
    // Over before its listeners hear of it: what they ask for then is another run.
    const over = (): void => {
      running = undefined;
    };
    source.pipe(tap({ error: over, complete: over })).subscribe(run);
    return run;
  });
};
