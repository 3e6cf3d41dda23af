/**
 * A container in a guest, as a compute system: its first process is its init, which its document describes; every
 * further one brings an OCI process.
 */
import { AsyncSubject, concat, defer, EMPTY, finalize, ignoreElements, map, type Observable } from 'rxjs';
import { type Command, commanded } from '../../operators/command.js';
import type { ComputeSystem, SystemExit } from '../compute-system.js';
import { invalid } from '../errors.js';
import type { ContainerWatch } from './bridge/bridge.js';
import type { ContainerOptions } from './container-options.js';
import { containerConfig } from './container-options.js';
import { endSystem } from './end-system.js';
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
  /** Has the guest forget the container, which must have ended, and remove what it made for it. */
  deleteState(): Command<unknown>;
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
    let made = false;
    const modified = modify.map((Request) => bridge.call('modifySettings', guestId, { Request }));
    return concat(
      concat(...modified).pipe(ignoreElements()),
      bridge.call('create', id, { ContainerConfig }).pipe(
        map(() => {
          made = true;
          return containerSystem(guest, id, watch);
        }),
      ),
    ).pipe(
      finalize(() => {
        if (!made) watch.forget();
      }),
    );
  });

const containerSystem = (guest: GuestContext, id: string, watch: ContainerWatch): GuestContainer => {
  const { bridge, signals } = guest;
  const exit$ = new AsyncSubject<SystemExit>();
  const leave = (exit: SystemExit): void => {
    exit$.next(exit);
    exit$.complete();
  };
  watch.ended$.subscribe({
    next: () => leave({ reason: 'ended' }),
    // Without a word: the bridge is gone, and the container with it for all that can be told.
    complete: () =>
      leave({ reason: 'lost', ...(bridge.ended?.error !== undefined && { error: bridge.ended.error }) }),
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
        leave({ reason: 'closed' });
        return EMPTY;
      }),
    pids: () => processIds(guest, id),
    modify: (Request) => commanded(bridge.call('modifySettings', id, { Request })),
    properties: (...names) => commanded(properties(guest, id, names)),
    deleteState: () => commanded(bridge.call('deleteContainerState', id, {})),
  };
};
