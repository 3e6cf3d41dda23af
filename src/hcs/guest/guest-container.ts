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
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import { invalid } from '../failures/errors.js';
import type { ContainerWatch } from './bridge/bridge.js';
import type { BridgeEnd } from './bridge/failures.js';
import type { ContainerOptions } from './container-options.js';
import { containerConfig } from './container-options.js';
import { endSystem, unlessUnknown } from './end-system.js';
import { cannotBeExecuted } from './executable-failure.js';
import { executeProcess } from './execute-process.js';
import type { GuestContext } from './guest-context.js';
import { processIds, properties } from './properties.js';
import { guestId } from './protocol/constants.js';
import { embedded, type Fields } from './protocol/json.js';
import type { ModificationRequest } from './protocol/messages.js';

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
    // Registered before the request is sent: the container may end before the answer is read.
    const activity = randomUUID();
    const watch = bridge.containerEnd(id, activity);
    return concat(
      modified(guest, modify),
      bridge.call('create', id, { ContainerConfig }, { activity }).pipe(
        cannotBeExecuted(),
        map(() => containerSystem(guest, options, watch)),
      ),
      // Not on unsubscribe: the container may exist then, and its end may still be notified.
    ).pipe(
      tap({ error: () => watch.forget() }),
      catchError((error) =>
        concat(
          undone(guest, undo),
          throwError(() => error),
        ),
      ),
    );
  });

/** Of a creation that has failed, perhaps before all was added: each is removed as far as it is there. */
const undone = (guest: GuestContext, requests: readonly ModificationRequest[]): Observable<never> =>
  concat(...requests.map((request) => modified(guest, [request]).pipe(catchError(() => EMPTY))));

/** One after the other, because later ones build on earlier ones. */
const modified = ({ bridge }: GuestContext, requests: readonly ModificationRequest[]): Observable<never> =>
  concat(...requests.map((Request) => bridge.call('modifySettings', guestId, { Request }))).pipe(
    ignoreElements(),
  );

const containerSystem = (
  guest: GuestContext,
  { id, undo = [] }: ContainerOptions,
  watch: ContainerWatch,
): GuestContainer => {
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
  // The guest notifies the end of a container only after a wait for its init was answered. Without a process there is no
  // wait: the answer is the end.
  const end = (how: 'shutdownGraceful' | 'shutdownForced'): Observable<unknown> =>
    endSystem(guest, id, how).pipe(
      tap({
        complete: () => {
          if (processes === 0 && bridge.ended === undefined) leave({ reason: 'ended' });
        },
      }),
    );
  watch.ended$.subscribe({
    next: () => leave({ reason: 'ended' }),
    complete: () => leave(lost(bridge.ended)),
  });
  return {
    id,
    os: 'linux',
    isOci: true,
    initInDocument: true,
    takesDescriptors: false,
    signals,
    exit$: exit$.asObservable(),
    start: () => bridge.call('start', id, {}),
    createProcess: (parameters) =>
      defer(() => {
        processes += 1;
        let created = false;
        return executeProcess(guest, id, parameters).pipe(
          tap(() => (created = true)),
          finalize(() => {
            if (!created) processes -= 1;
          }),
        );
      }),
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
      ).pipe(
        // Without the bridge nothing can be requested; the guest removes the rest.
        catchError((error) => (bridge.ended === undefined ? throwError(() => error) : EMPTY)),
      ),
  };
};
