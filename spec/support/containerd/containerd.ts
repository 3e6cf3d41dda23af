/**
 * A containerd of the spec's own: own root, state, sockets, configuration and namespace in a temporary folder, never the
 * system's. It finds the shim in a folder of its own too. All of it is gone when the specs of the file are over.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { TaskDefinition } from '../../../src/shim/messages/index.js';
import { metadataOf, serviceClient, ttrpcClient } from '../../../src/shim/ttrpc/index.js';
import { runWord } from '../run-word.js';
import { dial } from './address.js';
import { type Census, census, socketOf, sweep } from './census.js';
import { imageName, makeImage, makeRootfs } from './image.js';
import { type Ended, type Running, type RunOptions, run, running, until } from './run.js';
import { type Installed, install, runtime } from './runtime.js';
import type { Task } from './shim-container.js';

export interface Containerd {
  readonly namespace: string;
  readonly directory: string;
  /** `ctr ARGS…` */
  ctr(args: readonly string[], options?: RunOptions): Promise<Ended>;
  startCtr(args: readonly string[], options?: RunOptions): Running;
  /** `ctr run OPTIONS… IMAGE ID COMMAND…` with the runtime of the specs. */
  run(options: readonly string[], id: string, command: readonly string[], more?: RunOptions): Promise<Ended>;
  startRun(options: readonly string[], id: string, command: readonly string[], more?: RunOptions): Running;
  /** `ctr task exec …` */
  readonly execCommand: (id: string, execId: string, command: readonly string[]) => string[];
  /** The program and arguments of that, for who starts it otherwise. */
  readonly runCommand: (
    options: readonly string[],
    id: string,
    command: readonly string[],
    name?: string,
  ) => string[];
  /** Ends containerd with a signal and waits for its end. The shims go on. */
  stop(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  log(): string;
  /** Everything `ctr events` says from now on. */
  events(): Promise<EventLog>;
  /** The shim of a container, spoken to past containerd. */
  shim(id: string): { readonly task: Task; shimPid(): Promise<number>; close(): void };
  bundle(id: string): string;
  census(): Census;
  /** Ends and removes every container. */
  tidy(): Promise<void>;
  /** Ends containerd, and removes all that was its own. */
  end(): Promise<void>;
}

export interface EventLog {
  /** Topics of a container in order, an exec's with its id. */
  topics(id: string): string[];
  received(id: string, topic: string): Promise<void>;
  all(): { readonly topic: string; readonly event: Record<string, unknown> }[];
  stop(): Promise<void>;
}

const unused = ['cri', 'btrfs', 'zfs', 'devmapper', 'aufs', 'opt', 'tracing', 'otlp'];
const kinds: Record<string, string> = {
  cri: 'io.containerd.grpc.v1.cri',
  opt: 'io.containerd.internal.v1.opt',
  tracing: 'io.containerd.internal.v1.tracing',
  otlp: 'io.containerd.tracing.processor.v1.otlp',
};

/** @param extraEnv is containerd's, and so its shims', besides what is ours. */
export const openContainerd = async (
  extraEnv: NodeJS.ProcessEnv = {},
  installed: Installed = install(),
): Promise<Containerd> => {
  const namespace = `${runWord}-${randomBytes(4).toString('hex')}`;
  const directory = mkdtempSync(join(tmpdir(), 'rxshim-ctrd-'));
  // The root of a user namespace is no owner of it.
  chmodSync(directory, 0o711);
  const at = (name: string): string => join(directory, name);
  const sockets = new Set<string>();
  const address = at('containerd.sock');
  writeFileSync(
    at('config.toml'),
    `version = 2
root = "${at('root')}"
state = "${at('state')}"
disabled_plugins = [${unused.map((name) => `"${kinds[name] ?? `io.containerd.snapshotter.v1.${name}`}"`).join(', ')}]
[grpc]
  address = "${address}"
[debug]
  level = "debug"
`,
  );
  const { NODE_EXTRA_CA_CERTS: _, ...given } = process.env;
  const containerdEnv = {
    ...given,
    PATH: `${installed.folder}${delimiter}${given['PATH']}`,
    ...extraEnv,
  };
  let child: ChildProcess | undefined;
  const global = ['-a', address, '-n', namespace];

  const start = async (): Promise<void> => {
    const log = openSync(at('log'), 'a');
    child = spawn('containerd', ['-c', at('config.toml')], {
      env: containerdEnv,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    await until(async () => (await run('ctr', [...global, 'version'])).code === 0);
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (ending === undefined) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };

  const ctr: Containerd['ctr'] = (args, options) => run('ctr', [...global, ...args], options);
  const runCommand: Containerd['runCommand'] = (options, id, command, name = runtime) => [
    'ctr',
    ...global,
    'run',
    '--runtime',
    name,
    '--fifo-dir',
    at('fifo'),
    ...options,
    imageName,
    id,
    ...command,
  ];
  const startRun: Containerd['startRun'] = (options, id, command, more) => {
    sockets.add(socketOf(address, namespace, id));
    return running('ctr', runCommand(options, id, command).slice(1), more);
  };
  const execCommand: Containerd['execCommand'] = (id, execId, command) => [
    'ctr',
    ...global,
    'task',
    'exec',
    '--fifo-dir',
    at('fifo'),
    '--exec-id',
    execId,
    id,
    ...command,
  ];
  const bundle = (id: string): string => at(join('state/io.containerd.runtime.v2.task', namespace, id));

  const rootfs = makeRootfs(at('rootfs'));
  const archive = makeImage(directory, rootfs);
  await start();
  const imported = await ctr(['images', 'import', archive]);
  if (imported.code !== 0) throw new Error(`no image: ${imported.stderr}${imported.stdout}`);

  const tidy = async (): Promise<void> => {
    if (child === undefined) await start();
    const tasks = (await ctr(['task', 'ls', '-q'])).stdout.split('\n').filter(Boolean);
    await Promise.all(tasks.map((id) => ctr(['task', 'rm', '-f', id])));
    const containers = (await ctr(['containers', 'ls', '-q'])).stdout.split('\n').filter(Boolean);
    if (containers.length > 0) await ctr(['containers', 'rm', ...containers]);
  };

  return {
    namespace,
    directory,
    ctr,
    startCtr: (args: readonly string[], options?: RunOptions) =>
      running('ctr', [...global, ...args], options),
    runCommand,
    execCommand,
    startRun,
    run: (options: readonly string[], id: string, command: readonly string[], more?: RunOptions) =>
      startRun(options, id, command, more).ended,
    stop,
    start,
    log: () => readFileSync(at('log'), 'utf8'),
    events: () => listen(namespace, running('ctr', [...global, 'events'], { input: null }), ctr),
    shim: (id: string) => {
      const client = ttrpcClient(() => dial(readFileSync(join(bundle(id), 'address'), 'utf8')));
      const task = serviceClient(client, TaskDefinition, {
        timeout: 10_000,
        metadata: metadataOf({ 'containerd-namespace-ttrpc': namespace }),
      });
      return { task, shimPid: async () => (await task.connect({ id })).shimPid, close: () => client.close() };
    },
    bundle,
    census: () => census(namespace, at('state'), sockets),
    tidy,
    end: async () => {
      await tidy();
      await stop('SIGKILL');
      await sweep(namespace, directory, sockets);
      rmSync(directory, { recursive: true, force: true });
      installed.remove();
    },
  };
};

const listen = async (
  namespace: string,
  { child, ended }: Running,
  ctr: Containerd['ctr'],
): Promise<EventLog> => {
  let text = '';
  child.stdout?.on('data', (chunk: string) => {
    text += chunk;
  });
  const all = () =>
    text
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => {
        const [, sender, topic, json] = /UTC (\S+) (\S+) (\{.*\})$/.exec(line) ?? [];
        return topic === undefined || sender !== namespace
          ? []
          : [{ topic, event: JSON.parse(json ?? '{}') as Record<string, unknown> }];
      });
  const topics = (id: string): string[] =>
    all()
      .filter(({ topic, event }) => topic.startsWith('/tasks/') && event['container_id'] === id)
      .map(({ topic, event }) => {
        const exec = String(event['exec_id'] ?? event['id'] ?? '');
        return `${topic.slice('/tasks/'.length)}${exec === '' || exec === id ? '' : ` ${exec}`}`;
      });
  // It says nothing when it has begun to listen: make events until one is heard.
  const word = `probe-${process.hrtime.bigint()}`;
  await until(async () => {
    await ctr(['namespaces', 'label', namespace, `probe=${word}`]);
    return text.includes(word);
  });
  return {
    topics,
    all,
    received: async (id, topic) => void (await until(() => topics(id).includes(topic))),
    stop: async () => {
      child.kill();
      await ended;
    },
  };
};
