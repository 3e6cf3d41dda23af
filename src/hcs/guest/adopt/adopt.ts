/**
 * Takes over a container in a guest that an earlier program has created, or this one over an earlier connection: by its
 * records, and by what the guest says now.
 *
 * A process is waited for again, and the answer to its earlier wait counts as well. An exit that neither tells is unknown.
 */
import { basename } from 'node:path';
import {
  catchError,
  defer,
  map,
  type Observable,
  of,
  race,
  switchMap,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { AdoptedProcess, AdoptedSystem } from '../../contract/adoption.js';
import type { ProcessExit } from '../../contract/compute-process.js';
import { unknownExit } from '../../contract/exit-code.js';
import type { OutputGap } from '../../contract/output-gap.js';
import { hcsCodes } from '../../failures/codes.js';
import { RxshimError } from '../../failures/errors.js';
import { statusCodeOf } from '../../failures/status-error.js';
import { endedProcess } from '../../native/process/ended-process.js';
import { forgottenWhenClosed } from '../../native/records/forgotten-when-closed.js';
import type { ContainerSystem } from '../guest-container.js';
import type { GuestContext, GuestRecords } from '../guest-context.js';
import { guestProcess } from '../guest-process.js';
import { properties } from '../properties.js';
import type { ContainerRecord, ContainerRecords } from '../records/container-records.js';
import type { ProcessRecord, ProcessRequest } from '../records/process-record.js';
import { noStdio, type OfferedStdio, offerAgain } from '../stdio/offer-again.js';
import { waitForProcess } from '../wait-for-process.js';

/** How long the answer to an earlier wait may come after the guest has said that it forgot the process, in milliseconds. */
const lateAnswerTimeout = 1_000;

export const adopt = (
  guest: GuestContext,
  known: GuestRecords,
  id: string,
  records: ContainerRecords,
  container: ContainerSystem,
): Observable<AdoptedSystem> =>
  defer(() => {
    const task = taskOf(id, records);
    return whyAbsent(guest, known, task).pipe(
      switchMap((absent) => {
        const init = requestOf(id, records.init);
        const all = [{ record: records.init, request: init }, ...execsOf(records)];
        return adoptedProcesses({ guest, known, id, absent }, all).pipe(
          map((adopted): AdoptedSystem => {
            container.adopted(all.length, absent === undefined);
            container.watched(known.expectations.endOf(id, task.activity));
            const [first, ...execs] = adopted as [AdoptedProcess, ...AdoptedProcess[]];
            return { init: first, execs, labels: task.labels, bundle: task.bundle };
          }),
        );
      }),
    );
  });

const taskOf = (id: string, records: ContainerRecords): ContainerRecord => {
  const task = records.task();
  if (task.kind === 'absent') throw new RxshimError('notFound', `adopt container ${id}`);
  if (task.kind === 'unreadable') throw cannotAdopt(id, task.reason);
  if (!records.isCreated) throw cannotAdopt(id, 'its creation was interrupted');
  return task.record;
};

const requestOf = (id: string, init: ProcessRecord): ProcessRequest => {
  const request = init.request();
  if (request.kind === 'absent') throw cannotAdopt(id, 'it was never started');
  if (request.kind === 'unreadable') throw cannotAdopt(id, request.reason);
  if (init.pid() === undefined) throw cannotAdopt(id, 'the start of its init was interrupted');
  return request.record;
};

const cannotAdopt = (id: string, why: string): RxshimError =>
  new RxshimError('failedPrecondition', `adopt container ${id}: ${why}`);

/** Why the recorded container is not in the guest; `undefined` if it is. */
export const whyAbsent = (
  guest: GuestContext,
  known: GuestRecords,
  { id, instance, activity }: ContainerRecord,
): Observable<string | undefined> => {
  if (instance !== known.instance) return of('the agent of the guest has been restarted');
  return properties(guest, id, ['ProcessList', 'CreateActivityId']).pipe(
    map(({ CreateActivityId: its }) =>
      typeof its === 'string' && its !== activity ? 'another container has its id now' : undefined,
    ),
    catchError((error) =>
      error instanceof Error && statusCodeOf(error.cause) === hcsCodes.computeSystemDoesNotExist
        ? of('the guest does not know the container')
        : throwError(() => error),
    ),
  );
};

interface Recorded {
  readonly record: ProcessRecord;
  readonly request: ProcessRequest;
  /** Why its record cannot be read. */
  readonly damage?: string;
}

const execsOf = (records: ContainerRecords): readonly Recorded[] =>
  records.execs().flatMap((record) => {
    const request = record.request();
    // Its directory was made, and it was never requested.
    if (request.kind === 'absent') return [];
    return request.kind === 'read' ? { record, request: request.record } : damaged(record, request.reason);
  });

/** It may run, and cannot be found: its exit is unknown. Its id is the name of its record. */
const damaged = (record: ProcessRecord, reason: string): Recorded => ({
  record,
  request: {
    id: basename(record.directory),
    terminal: false,
    ports: {},
    activity: '',
    executeId: '',
    waitId: '',
  },
  damage: reason,
});

interface Where {
  readonly guest: GuestContext;
  readonly known: GuestRecords;
  readonly id: string;
  readonly absent: string | undefined;
}

/** All streams are offered first, so that a failure leaves nothing open. */
const adoptedProcesses = (where: Where, all: readonly Recorded[]): Observable<readonly AdoptedProcess[]> => {
  const running = all.filter((one) => isRunning(where, one));
  return offerAgain(
    where.guest.transport,
    running.map(({ request }) => request.ports),
  ).pipe(
    map((streams) => all.map((one) => adoptedProcess(where, one, streams[running.indexOf(one)] ?? noStdio))),
  );
};

const isRunning = ({ absent }: Where, { record, damage }: Recorded): boolean =>
  absent === undefined && damage === undefined && record.exit() === undefined && record.pid() !== undefined;

const adoptedProcess = (where: Where, recorded: Recorded, streams: OfferedStdio): AdoptedProcess => {
  const { guest, known, id: containerId } = where;
  const { record, request } = recorded;
  const { id, terminal, ports, activity } = request;
  const pid = record.pid() ?? 0;
  const exit = isRunning(where, recorded) ? undefined : endOf(where, recorded);
  const wait = { containerId, pid, activity };
  const process =
    exit === undefined
      ? guestProcess(guest, { containerId, pid, streams, exit: exitOf(guest, known, wait, record) })
      : endedProcess(pid, exit);
  const withGaps = { ...process, gaps: gapsOf(ports, exit) };
  return {
    id,
    phase: 'started',
    terminal,
    process: id === '' ? withGaps : forgottenWhenClosed(withGaps, record),
  };
};

/** The exit of a process that does not run, or that cannot be found. */
const endOf = ({ absent }: Where, { record, damage }: Recorded): ProcessExit =>
  damage === undefined
    ? (record.exit() ?? unknownExit(absent ?? 'its start was interrupted'))
    : unknownExit(damage);

/** The first of the two answers that tells it. */
const exitOf = (
  { bridge, scheduler }: GuestContext,
  { expectations }: GuestRecords,
  wait: { readonly containerId: string; readonly pid: number; readonly activity: string },
  record: ProcessRecord,
): Observable<ProcessExit> => {
  const again = waitForProcess(bridge, wait).pipe(
    tap((exit) => record.exited(exit)),
    // It has ended, and the answer may be on its way.
    switchMap((exit) =>
      exit.kind === 'unknown' ? timer(lateAnswerTimeout, scheduler).pipe(map(() => exit)) : of(exit),
    ),
  );
  return race(again, expectations.exitOf(record)).pipe(
    take(1),
    map((exit) => (exit.kind === 'unknown' ? (record.exit() ?? exit) : exit)),
  );
};

/** An agent that keeps processes sends the last part of their output again, and does not say from where. */
const gapsOf = (ports: ProcessRequest['ports'], exit: ProcessExit | undefined): readonly OutputGap[] => {
  const reason =
    exit === undefined
      ? 'the connection to the guest was lost: output before that may be missing or repeated'
      : 'the process ended while no program read its output';
  return [
    ...(ports.StdOut === undefined ? [] : [{ stream: 'stdout' as const, reason }]),
    ...(ports.StdErr === undefined ? [] : [{ stream: 'stderr' as const, reason }]),
  ];
};
