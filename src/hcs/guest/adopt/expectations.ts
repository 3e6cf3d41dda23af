/**
 * The messages that the guest may still send about the containers of an earlier connection: answers to waits and to requests for
 * processes, and the ends of containers.
 *
 * The invariant: an exit that arrives is recorded before anything else is done with it, because the guest forgets it.
 * Answers are recognised by request ids and ends by activities, which never coincide between connections.
 */
import { EMPTY, map, mergeMap, type Observable, ReplaySubject, share, tap } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { exited } from '../../contract/exit-code.js';
import type { Bridge, ContainerWatch } from '../bridge/bridge.js';
import { containerRecords, recordedContainers } from '../records/container-records.js';
import type { ProcessRecord } from '../records/process-record.js';

export interface Expectations {
  /** The exit of a recorded process, if the guest answers the wait of an earlier connection. Also for late subscribers. */
  exitOf(record: ProcessRecord): Observable<ProcessExit>;
  /** The end of a container of an earlier connection. */
  endOf(containerId: string, activity: string): ContainerWatch;
  /** Ends the watch for a container, whose id can be used again. */
  forget(containerId: string): void;
}

/** To be called before the guest can send anything. */
export const expectRecorded = (bridge: Bridge, directory: string): Expectations => {
  const exits = new Map<string, Observable<ProcessExit>>();
  const watches = new Map<string, ContainerWatch>();

  const expectProcess = (record: ProcessRecord): void => {
    const request = record.request();
    if (request.kind !== 'read' || record.exit() !== undefined) return;
    const { executeId, waitId } = request.record;
    if (record.pid() === undefined) {
      bridge.answerTo(BigInt(executeId)).subscribe(({ Result, ProcessId }) => {
        if (Result === 0 && typeof ProcessId === 'number') record.started(ProcessId);
      });
    }
    const exit$ = bridge.answerTo(BigInt(waitId)).pipe(
      mergeMap(({ Result, ExitCode = 0 }) => (Result === 0 ? [ExitCode as number] : EMPTY)),
      map(exited),
      tap((exit) => record.exited(exit)),
      share({ connector: () => new ReplaySubject(1), resetOnRefCountZero: false }),
    );
    exit$.subscribe();
    exits.set(record.directory, exit$);
  };

  for (const id of recordedContainers(directory)) {
    const records = containerRecords(directory, id);
    const task = records.task();
    if (task.kind === 'read') watches.set(id, bridge.containerEnd(id, task.record.activity));
    for (const process of [records.init, ...records.execs()]) expectProcess(process);
  }

  return {
    exitOf: ({ directory: its }) => exits.get(its) ?? EMPTY,
    endOf: (id, activity) => {
      const watch = watches.get(id) ?? bridge.containerEnd(id, activity);
      watches.set(id, watch);
      return watch;
    },
    forget: (id) => {
      watches.get(id)?.forget();
      watches.delete(id);
    },
  };
};
