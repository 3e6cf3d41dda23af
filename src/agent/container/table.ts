/**
 * The containers of an agent, from create to delete.
 *
 * The exit of each is reported once: after the container has ended and every pending wait for its init has been
 * answered.
 */
import { concat, defer, EMPTY, finalize, ignoreElements, type Observable, switchMap, take, tap } from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { hresults } from '../../hcs/guest/protocol/hresults.js';
import type { ContainerConfig } from '../../hcs/guest/protocol/messages.js';
import type { AgentEngine } from '../engine.js';
import { AgentError, systemNotFound } from '../error.js';
import { type ProcessTable, processTable } from '../process/table.js';
import { endSystem } from './end.js';
import { createdInit } from './init.js';

export interface Container {
  readonly id: string;
  readonly config: ContainerConfig;
  /** The activity id of the create request. */
  readonly activityId: string | undefined;
  readonly system: ComputeSystem;
  readonly processes: ProcessTable;
  /** The init, if the engine creates it together with the container. */
  readonly created: ComputeProcess | undefined;
  /** The pid of the init, once the host has requested it. */
  init: number | 'starting' | undefined;
  gone: boolean;
  /** How the host asked it to end, if it did. */
  asked: 'GracefulExit' | 'ForcedExit' | undefined;
}

export interface Containers {
  create(id: string, config: ContainerConfig, activityId: string | undefined): Observable<never>;
  /** @throws AgentError if the container does not exist or is still being created. */
  get(id: string): Container;
  delete(id: string): Observable<unknown>;
  all(): readonly Container[];
}

/**
 * @param onEnded called once for each container that has ended.
 * @param isOver whether the host has gone: a container created after that is ended at once.
 */
export const containersOf = (
  engine: AgentEngine,
  onEnded: (container: Container) => void,
  isOver: () => boolean,
): Containers => {
  const containers = new Map<string, Container | 'creating'>();

  const register = (
    system: ComputeSystem,
    created: ComputeProcess | undefined,
    { id, config, activityId }: Pick<Container, 'id' | 'config' | 'activityId'>,
  ): void => {
    if (isOver()) return void endSystem(system).subscribe();
    let reported = false;
    const answered = (pid: number): void => {
      if (pid !== container.init) return;
      system.exit$.pipe(take(1)).subscribe(() => {
        if (reported) return;
        reported = true;
        onEnded(container);
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
        if (containers.has(id)) throw new AgentError(hresults.systemAlreadyExists);
        containers.set(id, 'creating');
        return engine.container({ id, config }).pipe(
          take(1),
          switchMap((system) =>
            createdInit(system, config).pipe(
              tap((init) => register(system, init, { id, config, activityId })),
            ),
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
          throw new AgentError(hresults.invalidState, `container ${id} is not stopped`);
        return concat(
          defer(() => system.close()),
          defer(() => system.delete?.() ?? EMPTY),
        ).pipe(
          // Removed even after a failure: nothing is left that could be retried.
          finalize(() => containers.delete(id)),
        );
      }),
  };
};

/** Hosts recognize this error by its text. The HRESULT in the text differs from the one they get. */
const notCreated = (): AgentError =>
  new AgentError(
    hresults.fail,
    `container is not in state "created": HRESULT: 0x${hresults.invalidState.toString(16)}`,
  );
