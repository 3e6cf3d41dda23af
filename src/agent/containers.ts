/**
 * The containers of a guest, from the request for one to its deletion.
 *
 * The end of each is told once: when it is gone, its init's end was told to somebody who asked, and nobody else asks.
 */
import { concat, defer, EMPTY, finalize, ignoreElements, type Observable, switchMap, take, tap } from 'rxjs';
import type { ComputeProcess } from '../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../hcs/contract/compute-system.js';
import { hresults } from '../hcs/guest/protocol/hresults.js';
import type { ContainerConfig } from '../hcs/guest/protocol/messages.js';
import { endSystem } from './end-system.js';
import type { GuestEngine } from './guest-engine.js';
import { GuestError, systemNotFound } from './guest-error.js';
import { createdInit } from './init-process.js';
import { type ProcessTable, processTable } from './process-table.js';

export interface Container {
  readonly id: string;
  readonly config: ContainerConfig;
  /** Of the request that made it. */
  readonly activityId: string | undefined;
  readonly system: ComputeSystem;
  readonly processes: ProcessTable;
  /** The init, where the engine makes it with its container. */
  readonly created: ComputeProcess | undefined;
  /** The pid of the init, once it has been asked for. */
  init: number | 'starting' | undefined;
  gone: boolean;
  /** How it was asked to end, if it was. */
  asked: 'GracefulExit' | 'ForcedExit' | undefined;
}

export interface Containers {
  create(id: string, config: ContainerConfig, activityId: string | undefined): Observable<never>;
  /** @throws GuestError for one that is not there, or is still being made. */
  get(id: string): Container;
  delete(id: string): Observable<unknown>;
  all(): readonly Container[];
}

/**
 * @param ended is told of the end of each container, once.
 * @param over whether whoever asked for containers is gone: one that is made by then is ended at once.
 */
export const containersOf = (
  engine: GuestEngine,
  ended: (container: Container) => void,
  over: () => boolean,
): Containers => {
  const containers = new Map<string, Container | 'creating'>();

  const made = (
    system: ComputeSystem,
    created: ComputeProcess | undefined,
    { id, config, activityId }: Pick<Container, 'id' | 'config' | 'activityId'>,
  ): void => {
    if (over()) return void endSystem(system).subscribe();
    let told = false;
    const answered = (pid: number): void => {
      if (pid !== container.init) return;
      system.exit$.pipe(take(1)).subscribe(() => {
        if (told) return;
        told = true;
        ended(container);
      });
    };
    const container: Container = {
      id,
      config,
      activityId,
      system,
      created,
      processes: processTable(answered),
      init: undefined,
      gone: false,
      asked: undefined,
    };
    system.exit$.subscribe({ next: () => (container.gone = true), error: () => (container.gone = true) });
    containers.set(id, container);
  };

  const get = (id: string): Container => {
    const container = containers.get(id);
    if (container === undefined) throw systemNotFound();
    if (container === 'creating') throw notCreated();
    return container;
  };

  return {
    get,
    all: () => [...containers.values()].filter((container) => container !== 'creating'),
    create: (id, config, activityId) =>
      defer(() => {
        if (containers.has(id)) throw new GuestError(hresults.systemAlreadyExists);
        containers.set(id, 'creating');
        return engine.container({ id, config }).pipe(
          take(1),
          switchMap((system) =>
            createdInit(system, config).pipe(tap((init) => made(system, init, { id, config, activityId }))),
          ),
          ignoreElements(),
          finalize(() => {
            if (containers.get(id) === 'creating') containers.delete(id);
          }),
        );
      }),
    delete: (id) =>
      defer(() => {
        const { system, init, gone } = get(id);
        if (init !== undefined && !gone)
          throw new GuestError(hresults.invalidState, `container ${id} is not stopped`);
        return concat(
          defer(() => system.close()),
          defer(() => system.delete?.() ?? EMPTY),
        ).pipe(
          // Whatever failed: there is nothing left that could be tried again.
          finalize(() => containers.delete(id)),
        );
      }),
  };
};

/** Hosts know this one by its text alone: the number that it names is not the number that they get. */
const notCreated = (): GuestError =>
  new GuestError(
    hresults.fail,
    `container is not in state "created": HRESULT: 0x${hresults.invalidState.toString(16)}`,
  );
