/**
 * A container in a guest, as a compute system: its first process is its init, which its document describes; every
 * further one brings an OCI process.
 */
import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
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
import { executeProcess } from './execute-process.js';
import type { GuestContext } from './guest-context.js';
import { processIds, properties } from './properties.js';
import { guestId } from './protocol/constants.js';
import { embedded, type Fields } from './protocol/json.js';
import type { ModificationRequest } from './protocol/messages.js';

export interface GuestContainer extends ComputeSystem {
  /** Changes the container; a Linux guest takes `ContainerConstraints` alone. */
  modify(request: ModificationRequest): Command<unknown>;
  /** What the guest tells of it, by the names of the properties: `ProcessList`, `Statistics`. */
  properties(...names: readonly string[]): Command<Fields>;
}

/** Makes the container when subscribed to, its layers first, and emits it. Whatever fails undoes nothing of the guest. */
export const createContainer = (guest: GuestContext, options: ContainerOptions): Observable<GuestContainer> =>
  defer(() => {
    const { bridge } = guest;
    const { id, modify = [] } = options;
    if (typeof id !== 'string' || id === '' || id === guestId)
      throw invalid('id', id, 'the name of a container');
    const ContainerConfig = embedded(containerConfig(options));
    // Before anything is sent: the container may end before the answer is read.
    const watch = bridge.containerEnd(id);
    return concat(
      modified(guest, modify),
      bridge.call('create', id, { ContainerConfig }).pipe(map(() => containerSystem(guest, options, watch))),
      // Not when its caller leaves: then it may be there, and its end be told.
    ).pipe(tap({ error: () => watch.forget() }));
  });

/** One after the other: later ones build on earlier ones. */
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
  // Without a word: the bridge is gone, and the container with it for all that can be told.
  const lost = (end: BridgeEnd | undefined): SystemExit => ({
    reason: 'lost',
    ...(end?.error !== undefined && { error: end.error }),
  });
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
    createProcess: (parameters) => executeProcess(guest, id, parameters),
    shutdown: () => endSystem(guest, id, 'shutdownGraceful'),
    terminate: () => endSystem(guest, id, 'shutdownForced'),
    // The guest is not told: what runs there runs on.
    close: () =>
      defer(() => {
        // Closed because it was lost, it may be, before that could be told here.
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
        // With the bridge all is gone that could be asked for; what the guest has left is for it to remove.
        catchError((error) => (bridge.ended === undefined ? throwError(() => error) : EMPTY)),
      ),
  };
};
