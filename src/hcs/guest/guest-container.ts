/**
 * A container in a guest as a compute system. Its first process is the init, described by its document; further ones
 * are execs with an OCI process each.
 */
import { randomUUID } from 'node:crypto';
import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  map,
  type Observable,
  tap,
  throwError,
} from 'rxjs';
import { type Command, commanded } from '../../operators/command.js';
import type { ComputeSystem, ProcessIdentity, SystemExit } from '../contract/compute-system.js';
import { invalid, RxshimError } from '../failures/errors.js';
import { forgottenWhenClosed } from '../native/records/forgotten-when-closed.js';
import type { ContainerWatch } from './bridge/bridge.js';
import type { BridgeEnd } from './bridge/failures.js';
import type { ContainerOptions } from './container-options.js';
import { bundleOf, containerConfig } from './container-options.js';
import { endSystem, hasEnded, unlessUnknown } from './end-system.js';
import { cannotBeExecuted } from './executable-failure.js';
import { executeProcess, type Recording } from './execute-process.js';
import type { GuestContext } from './guest-context.js';
import { processIds, properties } from './properties.js';
import { guestId } from './protocol/constants.js';
import { embedded, type Fields, isFields } from './protocol/json.js';
import type { ModificationRequest } from './protocol/messages.js';
import { type ContainerRecords, containerRecords } from './records/container-records.js';

/** A container in a guest. */
export interface GuestContainer extends ComputeSystem {
  /** Modifies the container. A Linux guest accepts only `ContainerConstraints`. */
  modify(request: ModificationRequest): Command<unknown>;
  /** Reads properties by their names: `ProcessList`, `Statistics`. */
  properties(...names: readonly string[]): Command<Fields>;
}

/**
 * Creates the container and its layers when subscribed to, and emits it. After a failure what was added for it is
 * removed again.
 */
export const createContainer = (guest: GuestContext, options: ContainerOptions): Observable<GuestContainer> =>
  defer(() => {
    const { bridge } = guest;
    const { id, modify = [], undo = [] } = options;
    if (typeof id !== 'string' || id === '' || id === guestId)
      throw invalid('id', id, 'the name of a container');
    const ContainerConfig = embedded(containerConfig(options));
    const isTerminal = isFields(options.spec['process']) && options.spec['process']['terminal'] === true;
    // Registered before the request is sent: the container may end before the answer is read.
    const activity = randomUUID();
    const watch = bridge.containerEnd(id, activity);
    const records = recorded(guest, options, activity, () => watch.forget());
    return concat(
      modified(guest, modify),
      bridge.call('create', id, { ContainerConfig }, { activity }).pipe(
        cannotBeExecuted(),
        map(() => {
          records?.created();
          const { system, watched } = containerSystem(guest, {
            id,
            undo,
            isTerminal,
            ...(records && { records }),
          });
          watched(watch);
          return system;
        }),
      ),
      // Not on unsubscribe: the container may exist then, and its end may still be notified.
    ).pipe(
      tap({ error: () => watch.forget() }),
      catchError((error) =>
        concat(
          undone(guest, undo),
          defer(() => {
            // Without an answer it may exist.
            if (bridge.ended === undefined) records?.remove();
            throw error;
          }),
        ),
      ),
    );
  });

/** Undoes a failed creation, perhaps before everything was added: removes each part, and ignores those that are missing. */
const undone = (guest: GuestContext, requests: readonly ModificationRequest[]): Observable<never> =>
  concat(...requests.map((request) => modified(guest, [request]).pipe(catchError(() => EMPTY))));

/** One after the other, because later ones build on earlier ones. */
export const modified = (
  { bridge }: GuestContext,
  requests: readonly ModificationRequest[],
): Observable<never> =>
  concat(...requests.map((Request) => bridge.call('modifySettings', guestId, { Request }))).pipe(
    ignoreElements(),
  );

/** The records of the container, for a program that adopts it. */
const recorded = (
  { records }: GuestContext,
  { id, bundlePath = bundleOf(id), undo = [] }: ContainerOptions,
  activity: string,
  onFailure: () => void,
): ContainerRecords | undefined => {
  if (records === undefined) return undefined;
  const { directory, labels, instance } = records;
  const its = containerRecords(directory, id);
  const known = { id, activity, labels, createdAt: Date.now(), bundle: bundlePath, undo };
  try {
    its.create({ ...known, ...(instance !== undefined && { instance }) });
  } catch (error) {
    onFailure();
    throw error;
  }
  return its;
};

export interface ContainerSystemOptions extends Pick<ContainerOptions, 'id' | 'undo'> {
  readonly isTerminal: boolean;
  readonly records?: ContainerRecords;
}

export interface ContainerSystem {
  readonly system: GuestContainer;
  /** The end that the guest notifies. To be called once. */
  watched(watch: ContainerWatch): void;
  /** The processes of an adopted container, and whether the guest still has it. */
  adopted(processes: number, isThere: boolean): void;
}

export const containerSystem = (
  guest: GuestContext,
  { id, undo = [], isTerminal, records }: ContainerSystemOptions,
): ContainerSystem => {
  const { bridge, signals } = guest;
  const exit$ = new AsyncSubject<SystemExit>();
  const leave = (exit: SystemExit): void => {
    exit$.next(exit);
    exit$.complete();
  };
  // Completed without a notification: the bridge has ended, and the container is lost.
  const lost = (end: BridgeEnd | undefined): SystemExit => ({
    reason: 'lost',
    ...(end?.error !== undefined && { error: end.error }),
  });
  /** Processes that exist or are being created, or have existed. */
  let processes = 0;
  /** Whether the guest may have notified the end of the container before this program watched it. */
  let wasWatchedByOther = false;
  /** Whether the guest has answered a request to end the container. */
  let wasEnded = false;
  // The guest notifies the end of a container only after a wait for its init was answered. Without a process there is no
  // wait: the answer is the end.
  const leaveIfIdle = (): void => {
    if (wasEnded && processes === 0 && bridge.ended === undefined) leave({ reason: 'ended' });
  };
  const end = (how: 'shutdownGraceful' | 'shutdownForced'): Observable<unknown> =>
    endSystem(guest, id, how).pipe(
      catchError((error) => {
        if (!hasEnded(error)) return throwError(() => error);
        // There may be no other notification for this program.
        if (wasWatchedByOther) leave({ reason: 'ended' });
        return EMPTY;
      }),
      tap({
        complete: () => {
          wasEnded = true;
          leaveIfIdle();
        },
      }),
    );
  const recordingOf = (identity: ProcessIdentity | undefined, terminal: boolean): Recording | undefined => {
    if (records === undefined) return undefined;
    if (identity !== undefined) return { id: identity.id, record: records.newExec(), terminal };
    return { id: '', record: records.init, terminal: isTerminal };
  };
  const system: GuestContainer = {
    id,
    os: 'linux',
    isOci: true,
    initInDocument: true,
    takesDescriptors: false,
    signals,
    exit$: exit$.asObservable(),
    start: () => bridge.call('start', id, {}),
    createProcess: (parameters, _descriptors, identity) =>
      defer(() => {
        processes += 1;
        let created = false;
        const { OciProcess } = parameters;
        // An exec without an id is not adopted.
        const recording =
          OciProcess === undefined || identity !== undefined
            ? recordingOf(identity, OciProcess?.terminal === true)
            : undefined;
        return executeProcess(guest, id, parameters, recording).pipe(
          map((process) => forgottenWhenClosed(process, identity && recording?.record)),
          tap(() => (created = true)),
          finalize(() => {
            if (!created) processes -= 1;
            leaveIfIdle();
          }),
        );
      }),
    // Offered, so that execs are created with their ids; `registry.system` is what adopts.
    ...(records && { adopt: () => throwError(() => isOwned(id)) }),
    shutdown: () => end('shutdownGraceful'),
    terminate: () => end('shutdownForced'),
    // Local only: the container keeps running in the guest.
    close: () =>
      defer(() => {
        // The bridge may have failed before the failure is reported here.
        leave(bridge.ended === undefined ? { reason: 'closed' } : lost(bridge.ended));
        return EMPTY;
      }),
    pids: () => processIds(guest, id),
    modify: (Request) => commanded(bridge.call('modifySettings', id, { Request })),
    properties: (...names) => commanded(properties(guest, id, names)),
    delete: () =>
      concat(
        modified(guest, undo),
        bridge.call('deleteContainerState', id, {}).pipe(ignoreElements(), unlessUnknown()),
        defer(() => {
          records?.remove();
          guest.records?.expectations.forget(id);
          return EMPTY;
        }),
      ).pipe(
        // Without the bridge nothing can be requested; the guest removes the rest.
        catchError((error) => (bridge.ended === undefined ? throwError(() => error) : EMPTY)),
      ),
  };
  return {
    system,
    watched: ({ ended$ }) =>
      void ended$.subscribe({
        next: () => leave({ reason: 'ended' }),
        complete: () => leave(lost(bridge.ended)),
      }),
    adopted: (count, isThere) => {
      processes += count;
      wasWatchedByOther = true;
      if (!isThere) leave({ reason: 'lost' });
    },
  };
};

const isOwned = (id: string): RxshimError =>
  new RxshimError('failedPrecondition', `adopt container ${id}: it was created by this program`);
