/**
 * The registry of the recorded containers of one guest, across connections and programs.
 */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  forkJoin,
  map,
  type Observable,
  of,
  repeat,
  switchMap,
  takeUntil,
  takeWhile,
  timer,
} from 'rxjs';
import { unknownExit } from '../../contract/exit-code.js';
import { ownershipOf } from '../../contract/ownership.js';
import type { ListedTask, TaskRegistry } from '../../contract/task-registry.js';
import { messageOf } from '../../failures/errors.js';
import { endSystem, unlessUnknown } from '../end-system.js';
import { containerSystem, modified } from '../guest-container.js';
import type { GuestContext, GuestRecords } from '../guest-context.js';
import { processIds, properties } from '../properties.js';
import { type ContainerRecord, containerRecords, recordedContainers } from '../records/container-records.js';
import { adopt, whyAbsent } from './adopt.js';

/** How long the processes of a container that is removed may take to end, in milliseconds. */
const endTimeout = 15_000;
const pollInterval = 20;

export const guestRegistry = (guest: GuestContext, known: GuestRecords): TaskRegistry => {
  const { directory } = known;
  return {
    list: () =>
      defer(() => {
        const all = recordedContainers(directory).map((id) => listed(guest, known, id));
        return all.length === 0 ? of([]) : forkJoin(all);
      }).pipe(map((tasks) => tasks.filter((task) => task !== undefined))),
    system: (id) => {
      const records = containerRecords(directory, id);
      const task = records.task();
      const undo = task.kind === 'read' ? task.record.undo : [];
      const init = records.init.request();
      const isTerminal = init.kind === 'read' && init.record.terminal;
      const container = containerSystem(guest, { id, undo, isTerminal, records });
      return { ...container.system, adopt: () => adopt(guest, known, id, records, container) };
    },
    remove: (id) => removed(guest, known, id),
  };
};

const listed = (guest: GuestContext, known: GuestRecords, id: string): Observable<ListedTask | undefined> =>
  defer(() => {
    const { task } = containerRecords(known.directory, id);
    const its = task();
    // It was removed meanwhile.
    if (its.kind === 'absent') return of(undefined);
    if (its.kind === 'unreadable')
      return of<ListedTask>({ id, state: 'lost', reason: its.reason, labels: {} });
    const { labels, createdAt, bundle } = its.record;
    const ownership = ownershipOf(labels);
    const base = { id, labels, createdAt, bundle, ...(ownership && { ownership }) };
    return stateOf(guest, known, its.record).pipe(
      catchError((error) => of({ state: 'lost', reason: messageOf(error) } as const)),
      map((state): ListedTask => ({ ...base, ...state })),
    );
  });

const stateOf = (
  guest: GuestContext,
  known: GuestRecords,
  record: ContainerRecord,
): Observable<Pick<ListedTask, 'state' | 'reason' | 'pid' | 'exit'>> => {
  const records = containerRecords(known.directory, record.id);
  if (!records.isCreated) return of({ state: 'creating' });
  const { init } = records;
  const [pid, exit] = [init.pid(), init.exit()];
  if (exit !== undefined) return of({ state: 'exited', exit, ...(pid !== undefined && { pid }) });
  return whyAbsent(guest, known, record).pipe(
    switchMap((absent): Observable<Pick<ListedTask, 'state' | 'reason' | 'pid' | 'exit'>> => {
      if (absent !== undefined) return of({ state: 'lost', reason: absent });
      if (init.request().kind === 'absent') return of({ state: 'created' });
      if (pid === undefined) return of({ state: 'lost', reason: 'the start of its init was interrupted' });
      return processIds(guest, record.id).pipe(
        map((pids) =>
          pids.includes(pid)
            ? { state: 'running', pid }
            : { state: 'exited', pid, exit: unknownExit('it ended while no program watched it') },
        ),
      );
    }),
  );
};

/** Ends the container as far as the guest knows it, and removes what was added for it and its records. */
const removed = (guest: GuestContext, known: GuestRecords, id: string): Observable<never> =>
  defer(() => {
    const { bridge } = guest;
    const records = containerRecords(known.directory, id);
    const task = records.task();
    const undo = task.kind === 'read' ? task.record.undo : [];
    const forgotten = defer(() => {
      records.remove();
      known.expectations.forget(id);
      return EMPTY;
    });
    if (task.kind === 'absent') return EMPTY;
    const absent$ = task.kind === 'read' ? whyAbsent(guest, known, task.record) : of(undefined);
    return absent$.pipe(
      switchMap((absent) => {
        // Another container may have its id.
        if (absent !== undefined) return forgotten;
        const end$ = endSystem(guest, id, 'shutdownForced').pipe(catchError(() => EMPTY));
        return concat(
          end$.pipe(ignored()),
          ended(guest, id),
          modified(guest, undo),
          bridge.call('deleteContainerState', id, {}).pipe(unlessUnknown(), ignored()),
          forgotten,
        );
      }),
    );
  });

/**
 * Completes when nothing runs in the container, whose init may be unknown, or when that takes too long. A container that
 * has ended lists no processes at all. A guest forgets a container that is deleted while it runs.
 */
const ended = (guest: GuestContext, id: string): Observable<never> =>
  defer(() => properties(guest, id, ['ProcessList'])).pipe(
    repeat({ delay: () => timer(pollInterval, guest.scheduler) }),
    takeWhile(({ ProcessList }) => ProcessList !== undefined && ProcessList !== null),
    takeUntil(timer(endTimeout, guest.scheduler)),
    unlessUnknown(),
    ignored(),
  );

const ignored =
  () =>
  (source: Observable<unknown>): Observable<never> =>
    source.pipe(switchMap(() => EMPTY));
