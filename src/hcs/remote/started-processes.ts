/**
 * The processes that one system has started in a container which it does not own.
 *
 * The invariant: `ended` is called once, after the system was asked to end and the exit of each process was published.
 */
import { catchError, concat, defer, EMPTY, firstValueFrom, ignoreElements, type Observable } from 'rxjs';
import type { Act, ComputeProcess } from '../contract/compute-process.js';
import { RxshimError } from '../failures/errors.js';

export interface StartedProcesses {
  /** The pids of those that run. */
  readonly pids: ReadonlySet<number>;
  /** @throws RxshimError `failedPrecondition` after `end`. */
  start(begin: () => Observable<ComputeProcess>): Promise<ComputeProcess>;
  /** Kills all of them. What cannot be signalled is not waited for: its exit is reported if it comes. */
  end(kill$: Observable<unknown>): Act;
}

/** @param name of the container, for errors. */
export const startedProcesses = (name: string, ended: () => void): StartedProcesses => {
  const pids = new Set<number>();
  let unended = 0;
  let ending = false;
  const settleIfEmpty = (): void => {
    if (ending && unended === 0) ended();
  };
  const oneEnded = (): void => {
    unended -= 1;
    // The other subscribers see the exit of the process before that of the system.
    setImmediate(settleIfEmpty);
  };
  return {
    pids,
    start: async (begin) => {
      if (ending) throw new RxshimError('failedPrecondition', `no process is started in ${name} any more`);
      unended += 1;
      try {
        const process = await firstValueFrom(begin());
        pids.add(process.pid);
        process.exit$.subscribe({
          complete: () => {
            pids.delete(process.pid);
            oneEnded();
          },
        });
        return process;
      } catch (error) {
        oneEnded();
        throw error;
      }
    },
    end: (kill$) =>
      defer(() => {
        ending = true;
        return concat(
          kill$.pipe(
            ignoreElements(),
            catchError(() => EMPTY),
          ),
          defer(() => {
            setImmediate(settleIfEmpty);
            return EMPTY;
          }),
        );
      }),
  };
};
