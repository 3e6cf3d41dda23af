/**
 * The containers of an agent, from create to delete.
 *
 * The exit of each is reported once: after the container has ended and every pending wait for its init has been
 * answered.
 */
import {
  AsyncSubject,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  type Observable,
  switchMap,
  take,
  tap,
} from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { statusOf } from '../../hcs/contract/exit-code.js';
import { hresults } from '../../hcs/guest/protocol/hresults.js';
import type { ContainerConfig } from '../../hcs/guest/protocol/messages.js';
import type { AgentEngine } from '../engine.js';
import { AgentError, systemNotFound } from '../error.js';
import type { Links } from '../links.js';
import { type ProcessTable, processTable } from '../process/table.js';
import { endSystem } from './end.js';
import { createdInit, initOf } from './init.js';

export interface Container {
  readonly id: string;
  readonly config: ContainerConfig;
  /** The activity id of the create request. */
  readonly activityId: string | undefined;
  readonly system: ComputeSystem;
  readonly processes: ProcessTable;
  /** The init, if the engine creates it together with the container. It can be awaited before it is started. */
  readonly created: CreatedInit | undefined;
  /** The pid of the init, once the host has requested it. */
  init: number | 'starting' | undefined;
  gone: boolean;
  /** How the host asked it to end, if it did. */
  asked: 'GracefulExit' | 'ForcedExit' | undefined;
}

/** An init before its start. */
export interface CreatedInit {
  readonly process: ComputeProcess;
  /** Emits its exit code, for those who wait from before its start. */
  readonly exit$: AsyncSubject<number>;
}

export interface Containers {
  create(id: string, config: ContainerConfig, activityId: string | undefined): Observable<never>;
  /** @throws AgentError if the container does not exist or is still being created. */
  get(id: string): Container;
  delete(id: string): Observable<unknown>;
  /** Those that exist, also if their deletion has failed. */
  all(): readonly Container[];
}

export interface ContainersOptions {
  /** Called once for each container that has ended, and again for a host that connects later and waits for its init. */
  readonly onEnded: (container: Container) => void;
  /** Whether everything is being ended: a container created after that is ended at once. */
  readonly isOver: () => boolean;
  readonly links: Pick<Links, 'next'>;
  /** How many ended processes of each are kept. */
  readonly retained: number;
}

export const containersOf = (
  engine: AgentEngine,
  { onEnded, isOver, links, retained }: ContainersOptions,
): Containers => {
  const containers = new Map<string, Container | 'creating'>();
  /** Deleted while they ran. They have no id any more, but end with the connection. */
  const forgotten = new Set<Container>();

  const register = (
    system: ComputeSystem,
    init: ComputeProcess | undefined,
    { id, config, activityId }: Pick<Container, 'id' | 'config' | 'activityId'>,
  ): void => {
    if (isOver()) return void endSystem(system).subscribe();
    const created = init && { process: init, exit$: new AsyncSubject<number>() };
    /** The connection that the end was reported on. */
    let reported = 0;
    const answered = (pid: number): void => {
      if (pid !== container.init && pid !== created?.process.pid) return;
      system.exit$.pipe(take(1)).subscribe(() => {
        if (reported === links.next) return;
        reported = links.next;
        onEnded(container);
      });
    };
    const container: Container = {
      id,
      config,
      activityId,
      system,
      created,
      processes: processTable({ onAnswered: answered, retained }),
      init: undefined,
      gone: false,
      asked: undefined,
    };
    if (created !== undefined) {
      const { process, exit$ } = created;
      const terminal = initOf(system, config, {}).terminal;
      container.processes.add({ process, terminal, exit$, close: () => undefined }, { keep: true });
      exitUnlessStarted(container, created);
    }
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
    all: () => [...[...containers.values()].filter((container) => container !== 'creating'), ...forgotten],
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
        const container = get(id);
        const { system, init, gone } = container;
        if (init !== undefined && !gone) {
          // As Microsoft's agent: the container is forgotten, although it runs.
          containers.delete(id);
          forgotten.add(container);
          system.exit$.pipe(take(1)).subscribe(() => forgotten.delete(container));
          throw new AgentError(hresults.fail, `container ${id} is still running`);
        }
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

/** An init that ends before its start, or whose start has failed, has no output that must be sent before its exit. */
export const exitUnlessStarted = (container: Container, { process, exit$ }: CreatedInit): void => {
  const settle = (code: number): void => {
    if (container.init !== undefined) return;
    exit$.next(code);
    exit$.complete();
  };
  process.exit$.subscribe({ next: (exit) => settle(statusOf(exit)), error: () => settle(255) });
};

/** Hosts recognize this error by its text. The HRESULT in the text differs from the one they get. */
const notCreated = (): AgentError =>
  new AgentError(
    hresults.fail,
    `container is not in state "created": HRESULT: 0x${hresults.invalidState.toString(16)}`,
  );
