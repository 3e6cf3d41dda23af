/**
 * The Task service over scripted containers: a real ttrpc connection, real tasks and execs, and a runtime that does as it
 * is recorded.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  asyncScheduler,
  EMPTY,
  firstValueFrom,
  ignoreElements,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
} from 'rxjs';
import type { RuncContainer } from '../../../src/hcs/runc/index.js';
import {
  type ScriptedOptions,
  type ScriptedSystem,
  scriptedSystem,
} from '../../../src/hcs/simulated/scripted-system.js';
import {
  type CreateTaskRequest,
  ociType,
  packJson,
  TaskDefinition,
} from '../../../src/shim/messages/index.js';
import { containersOf } from '../../../src/shim/task/containers.js';
import { taskService } from '../../../src/shim/task/task-service.js';
import {
  type CallOptions,
  type Methods,
  service,
  serviceClient,
  type TtrpcClient,
  ttrpcClient,
  ttrpcServer,
} from '../../../src/shim/ttrpc/index.js';
import type { TaskEvent } from '../../../src/streams/events.js';
import type { Task as LibraryTask } from '../../../src/streams/task/interface.js';
import { until } from '../../support/containerd/run.js';

export type Task = Methods<typeof TaskDefinition, CallOptions>;

export interface Client {
  readonly task: Task;
  /** Ends the connection; calls in flight reject. Resolves when the server knows. */
  cut(): Promise<void>;
}

export interface Harness {
  readonly task: Task;
  readonly bundle: string;
  readonly events: readonly TaskEvent[];
  readonly asked: readonly string[];
  /** Containers that are there or being made. */
  readonly size: () => Promise<number>;
  readonly shutdowns: () => number;
  /** The task of a container that is there. */
  taskOf(id: string): LibraryTask | undefined;
  /** The runtime of the container that was made last. */
  system(): ScriptedSystem;
  request(id?: string): CreateTaskRequest;
  /** Creates and starts a container. */
  run(id?: string): Promise<void>;
  /** A connection of its own. */
  client(): Promise<Client>;
  /** A further exec, made but not started. */
  exec(id: string, execId: string): Promise<void>;
  close(): Promise<void>;
}

export const spec = packJson(ociType.process, { args: ['true'], cwd: '/' });

export interface HarnessOptions {
  /** The time of the containers; that of the connections is real. */
  readonly scheduler?: SchedulerLike;
  /** Whether processes end by signals, and containers when they are asked to. */
  readonly obedient?: boolean;
}

/** @param answer what the runtime answers in place of success. */
export const makeHarness = async (
  answer?: ScriptedOptions['answer'],
  { scheduler = asyncScheduler, obedient = true }: HarnessOptions = {},
): Promise<Harness> => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-task-'));
  const events: TaskEvent[] = [];
  const asked: string[] = [];
  const systems: ScriptedSystem[] = [];
  let shutdowns = 0;

  const said = <T>(call: string, normal: Observable<T>): Observable<T> => {
    asked.push(call);
    return answer?.(call, undefined, normal) ?? normal;
  };
  const engine = (): RuncContainer => {
    const system = scriptedSystem({
      createsFirst: true,
      initInDocument: true,
      obedient,
      answer: (call, _args, normal) => said(call, normal),
    });
    systems.push(system);
    return {
      ...(system as Required<Pick<ScriptedSystem, 'create' | 'delete'>> & ScriptedSystem),
      delete: () => (system.delete?.() ?? EMPTY).pipe(ignoreElements()),
      pause: () => said('pause', EMPTY),
      resume: () => said('resume', EMPTY),
      update: () => said('update', EMPTY),
      checkpoint: () => said('checkpoint', EMPTY),
      signalAll: () => said('signalAll', of('delivered' as const)),
      stats: () => NEVER,
      oom$: NEVER,
    };
  };
  const ports = {
    engine,
    namespace: 'default',
    log: undefined,
    scheduler,
    publish: (event: TaskEvent) => void events.push(event),
  };
  const ignored = { arrived: () => undefined, left: () => undefined };
  const containers = containersOf(ports, ignored);
  const server = ttrpcServer({
    services: [service(TaskDefinition, taskService({ containers, ports, shutdown: () => (shutdowns += 1) }))],
  });
  const socket = join(folder, 's');
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(socket, resolve));
  server.listen(listener);
  const clients: TtrpcClient[] = [];
  const connected = (): Client => {
    const client = ttrpcClient(() => connect(socket));
    clients.push(client);
    return {
      task: serviceClient(client, TaskDefinition),
      cut: async () => {
        const before = server.connections;
        client.close();
        await until(() => server.connections < before);
      },
    };
  };
  const { task } = connected();
  const request = (id = 'web'): CreateTaskRequest => ({
    id,
    bundle: folder,
    rootfs: [],
    terminal: false,
    stdin: '',
    stdout: '',
    stderr: '',
    checkpoint: '',
    parentCheckpoint: '',
    options: undefined,
  });
  return {
    task,
    bundle: folder,
    events,
    asked,
    size: async () => (await firstValueFrom(containers.ids$)).size,
    shutdowns: () => shutdowns,
    taskOf: (id) => containers.find(id)?.task,
    system: () => systems.at(-1) as ScriptedSystem,
    request,
    run: async (id = 'web') => {
      await task.create(request(id));
      await task.start({ id, execId: '' });
    },
    exec: async (id, execId) => {
      await task.exec({ id, execId, terminal: false, stdin: '', stdout: '', stderr: '', spec });
    },
    client: async () => {
      const client = connected();
      await client.task.connect({ id: '' });
      return client;
    },
    close: async () => {
      for (const client of clients) client.close();
      await server.close({ within: 0 });
      rmSync(folder, { recursive: true });
    },
  };
};
