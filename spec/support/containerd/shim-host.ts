/**
 * Plays containerd's part towards the shim: starts its executable, speaks the Task service, takes the events, and calls
 * `delete` at the end. So a spec sees every answer and every event as the shim gave it, and can do what containerd would not.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descriptorSource } from '../../../src/hcs/native/index.js';
import {
  type Any,
  type CreateTaskRequest,
  DeleteResponse,
  type Mount,
  ociType,
  packJson,
  TaskDefinition,
} from '../../../src/shim/messages/index.js';
import {
  type CallOptions,
  type Methods,
  metadataOf,
  serviceClient,
  type TtrpcClient,
  ttrpcClient,
} from '../../../src/shim/ttrpc/index.js';
import { type ContainerSpec, ociSpec, processSpec } from './bundle.js';
import { type Census, census, socketsNow, sweep } from './census.js';
import { type EventSink, makeEventSink } from './events.js';
import { makeRootfs } from './image.js';
import { type Ended, run } from './run.js';
import { type Installed, install } from './runtime.js';
import { makeStreams, noStreams, type Streams } from './streams.js';

export type Task = Methods<typeof TaskDefinition, CallOptions>;

export interface ShimContainer {
  readonly id: string;
  readonly bundle: string;
  /** Where its shim listens. */
  readonly address: string;
  readonly task: Task;
  readonly client: TtrpcClient;
  /** What its shim said in its log. */
  log(): string;
  /** The process that serves it. */
  shimPid(): Promise<number>;
  create(request?: Partial<CreateTaskRequest>): Promise<number>;
  /** Create and Start. */
  run(request?: Partial<CreateTaskRequest>): Promise<number>;
  /** Registers an exec and starts it. */
  exec(execId: string, spec: ContainerSpec, streams?: Streams['paths']): Promise<number>;
  /** Of the container's own process, or of an exec. */
  exitOf(execId?: string): Promise<number>;
  streams(name?: string, options?: Parameters<typeof makeStreams>[2]): Streams;
  /** As containerd ends it: Delete, Shutdown, the connection, and the executable with `delete`. */
  remove(): Promise<void>;
  /** The executable with `delete`. */
  cleanUp(): Promise<{ readonly ended: Ended; readonly reply: DeleteResponse }>;
}

export interface ShimHost {
  readonly namespace: string;
  readonly directory: string;
  readonly rootfs: string;
  readonly executable: string;
  readonly events: EventSink;
  /** The executable, with the arguments that containerd gives. */
  call(
    id: string,
    bundle: string,
    action: string,
    extra?: readonly string[],
    input?: Uint8Array,
  ): Promise<Ended>;
  /** A bundle without a shim. */
  bundle(spec: ContainerSpec, id?: string): { readonly id: string; readonly path: string };
  /** A bundle with a shim that knows nothing of it yet. */
  container(
    spec: ContainerSpec,
    options?: { readonly id?: string; readonly options?: Any },
  ): Promise<ShimContainer>;
  connect(address: string): Socket;
  census(): Census;
  /** Removes every container. */
  tidy(): Promise<void>;
  /** Removes all that was its own. */
  end(): Promise<void>;
}

export const shell = (script: string, more: Omit<ContainerSpec, 'args'> = {}): ContainerSpec => ({
  args: ['sh', '-c', script],
  ...more,
});

export const sleeping: ContainerSpec = { args: ['sleep', '600'] };

/** What a shim is told about its group by. */
export const group = (name: string): Pick<ContainerSpec, 'annotations'> => ({
  annotations: { 'io.kubernetes.cri.sandbox-id': name },
});

let made = 0;

/** @param extraEnv is the executable's, besides what is ours. */
export const openShimHost = async (
  extraEnv: NodeJS.ProcessEnv = {},
  installed: Installed = install(),
): Promise<ShimHost> => {
  const namespace = `rxspec-${randomBytes(4).toString('hex')}`;
  const directory = mkdtempSync(join(tmpdir(), 'rxshim-host-'));
  const rootfs = makeRootfs(join(directory, 'rootfs'));
  const address = join(directory, 'containerd.sock');
  const before = socketsNow();
  mkdirSync('/run/containerd', { recursive: true });
  const events = await makeEventSink(`${address}.ttrpc`);
  const containers = new Map<string, ShimContainer>();
  const { NODE_EXTRA_CA_CERTS: _, ...given } = process.env;
  const env = { ...given, TTRPC_ADDRESS: events.path, GOMAXPROCS: '2', ...extraEnv };

  const call: ShimHost['call'] = (id, bundle, action, extra = [], input) =>
    run(
      installed.executable,
      [
        '-namespace',
        namespace,
        '-address',
        address,
        '-publish-binary',
        '/usr/bin/containerd',
        '-id',
        id,
        ...extra,
        action,
      ],
      { cwd: bundle, env, input: input ?? '', detached: true },
    );

  const bundle: ShimHost['bundle'] = (spec, id = `c${++made}`) => {
    const path = join(directory, 'bundles', id);
    mkdirSync(join(path, 'rootfs'), { recursive: true });
    chmodSync(path, 0o700);
    writeFileSync(join(path, 'config.json'), JSON.stringify(ociSpec(spec, `/${namespace}/${id}`)));
    execFileSync('mkfifo', [join(path, 'log')]);
    return { id, path };
  };

  const dial = (reply: string): Socket => {
    const path = reply.startsWith('{') ? (JSON.parse(reply).address as string) : reply;
    return connect(path.replace(/^unix:\/\//, ''));
  };

  const rootMount: Mount = { type: 'bind', source: rootfs, target: '', options: ['rbind', 'rw'] };

  const container: ShimHost['container'] = async (spec, options = {}) => {
    const { id, path } = bundle(spec, options.id);
    const source = descriptorSource(openSync(join(path, 'log'), constants.O_RDWR | constants.O_NONBLOCK));
    let log = '';
    const logging = (async () => {
      for await (const chunk of source) log += Buffer.from(chunk).toString();
    })();
    const started = await call(id, path, 'start');
    if (started.code !== 0) throw new Error(`start failed: ${started.stdout}${started.stderr}`);
    const socket = started.stdout.trim();
    const client = ttrpcClient(() => dial(socket));
    const task = serviceClient(client, TaskDefinition, {
      // As patient as containerd is; who hangs is found by the spec's own time.
      timeout: 60_000,
      metadata: metadataOf({ 'containerd-namespace-ttrpc': namespace }),
    });
    const streams: Streams[] = [];
    let removed = false;
    const self: ShimContainer = {
      id,
      bundle: path,
      address: socket,
      task,
      client,
      log: () => log,
      shimPid: async () => (await task.connect({ id })).shimPid,
      create: async (request = {}) => {
        const { pid } = await task.create({
          ...noStreams,
          id,
          bundle: path,
          rootfs: [rootMount],
          checkpoint: '',
          parentCheckpoint: '',
          options: options.options,
          ...request,
        });
        return pid;
      },
      run: async (request) => {
        await self.create(request);
        return (await task.start({ id, execId: '' })).pid;
      },
      exec: async (execId, spec, paths = noStreams) => {
        await task.exec({ id, execId, ...paths, spec: packJson(ociType.process, processSpec(spec)) });
        return (await task.start({ id, execId })).pid;
      },
      exitOf: async (execId = '') => (await task.wait({ id, execId })).exitStatus,
      streams: (name = 'init', options) => {
        const made = makeStreams(path, name, options);
        streams.push(made);
        return made;
      },
      remove: async () => {
        if (removed) return;
        removed = true;
        containers.delete(id);
        const calls = { timeout: 5_000 };
        const ignore = () => undefined;
        await task.resume({ id }, calls).catch(ignore);
        await task.kill({ id, execId: '', signal: 9, all: true }, calls).catch(ignore);
        await task.wait({ id, execId: '' }, calls).catch(ignore);
        for (const each of streams) each.leave();
        await task.delete({ id, execId: '' }, calls).catch(ignore);
        await task.shutdown({ id, now: true }, calls).catch(ignore);
        client.close();
        await self.cleanUp();
        source.close();
        await logging;
        rmSync(path, { recursive: true, force: true });
      },
      cleanUp: async () => {
        const reply = join(path, 'delete-reply');
        const ended = await run(
          'sh',
          [
            '-c',
            'out=$1; shift; exec "$@" >"$out"',
            'sh',
            reply,
            installed.executable,
            '-namespace',
            namespace,
            '-address',
            address,
            '-publish-binary',
            '/usr/bin/containerd',
            '-id',
            id,
            '-bundle',
            path,
            'delete',
          ],
          { cwd: path, env, detached: true },
        );
        return { ended, reply: DeleteResponse.decode(readFileSync(reply)) };
      },
    };
    containers.set(id, self);
    return self;
  };

  return {
    namespace,
    directory,
    rootfs,
    executable: installed.executable,
    events,
    call,
    bundle,
    container,
    connect: dial,
    census: () => census(namespace, directory, before),
    tidy: async () => {
      await Promise.all([...containers.values()].map((each) => each.remove()));
    },
    end: async () => {
      await events.stop();
      sweep(namespace, directory);
      rmSync(directory, { recursive: true, force: true });
      installed.remove();
    },
  };
};
