/**
 * Plays containerd's part towards the shim: starts its executable, speaks the Task service, takes the events, and calls
 * `delete` at the end. So a spec sees every answer and every event as the shim gave it, and can do what containerd would not.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Any, Mount } from '../../../src/shim/messages/index.js';
import { makeFifo } from '../make-fifo.js';
import { runWord } from '../run-word.js';
import { type ContainerSpec, ociSpec } from './bundle.js';
import { type Census, census, sweep } from './census.js';
import { type EventSink, makeEventSink } from './events.js';
import { makeRootfs } from './image.js';
import { type Ended, run } from './run.js';
import { type Installed, install } from './runtime.js';
import { openLog, type ShimContainer, serveContainer } from './shim-container.js';

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
  /** A bundle with a shim that knows nothing of it yet. `options` are those of Create. */
  container(
    spec: ContainerSpec,
    options?: { readonly id?: string; readonly options?: Any },
  ): Promise<ShimContainer>;
  /** The container of a bundle whose shim has been started. */
  adopt(id: string): ShimContainer;
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

/** The annotation that names the group of a shim. */
export const group = (name: string): Pick<ContainerSpec, 'annotations'> => ({
  annotations: { 'io.kubernetes.cri.sandbox-id': name },
});

let made = 0;

/** @param extraEnv is the executable's, besides what is ours. */
export const openShimHost = async (
  extraEnv: NodeJS.ProcessEnv = {},
  installed: Installed = install(),
): Promise<ShimHost> => {
  const { executable } = installed;
  const namespace = `${runWord}-${randomBytes(4).toString('hex')}`;
  const directory = mkdtempSync(join(tmpdir(), 'rxshim-host-'));
  const rootfs = makeRootfs(join(directory, 'rootfs'));
  const address = join(directory, 'containerd.sock');
  const sockets = new Set<string>();
  mkdirSync('/run/containerd', { recursive: true });
  const events = await makeEventSink(`${address}.ttrpc`);
  const containers = new Map<string, ShimContainer>();
  const { NODE_EXTRA_CA_CERTS: _, ...given } = process.env;
  const env = { ...given, TTRPC_ADDRESS: events.path, GOMAXPROCS: '2', ...extraEnv };
  const bundles = join(directory, 'bundles');

  const arguments_ = (id: string): string[] => [
    '-namespace',
    namespace,
    '-address',
    address,
    '-publish-binary',
    '/usr/bin/containerd',
    '-id',
    id,
  ];
  const call: ShimHost['call'] = (id, bundle, action, extra = [], input) =>
    run(executable, [...arguments_(id), ...extra, action], {
      cwd: bundle,
      env,
      input: input ?? '',
      detached: true,
    });

  const bundle: ShimHost['bundle'] = (spec, id = `c${++made}`) => {
    const path = join(bundles, id);
    mkdirSync(join(path, 'rootfs'), { recursive: true });
    chmodSync(path, 0o700);
    writeFileSync(join(path, 'config.json'), JSON.stringify(ociSpec(spec, `/${namespace}/${id}`)));
    makeFifo(join(path, 'log'));
    return { id, path };
  };

  const rootMount: Mount = { type: 'bind', source: rootfs, target: '', options: ['rbind', 'rw'] };

  const serve = (
    id: string,
    answer: string,
    log: ReturnType<typeof openLog>,
    options?: Any,
  ): ShimContainer => {
    const path = join(bundles, id);
    sockets.add(answer.trim().replace('unix://', ''));
    const container = serveContainer(
      {
        id,
        bundle: path,
        namespace,
        address: answer.trim(),
        rootfs: [rootMount],
        options,
        // Its answer is no text.
        delete: (reply) => {
          const command = [executable, ...arguments_(id), '-bundle', path, 'delete'];
          const script = 'out=$1; shift; exec "$@" >"$out"';
          return run('sh', ['-c', script, 'sh', reply, ...command], { cwd: path, env, detached: true });
        },
      },
      log,
    );
    containers.set(id, container);
    return container;
  };

  return {
    namespace,
    directory,
    rootfs,
    executable,
    events,
    call,
    bundle,
    container: async (spec, options = {}) => {
      const { id, path } = bundle(spec, options.id);
      const log = openLog(path);
      const started = await call(id, path, 'start');
      if (started.code === 0) return serve(id, started.stdout, log, options.options);
      await log.close();
      throw new Error(`start failed: ${started.stdout}${started.stderr}`);
    },
    adopt: (id) => serve(id, readFileSync(join(bundles, id, 'address'), 'utf8'), openLog(join(bundles, id))),
    census: () => census(namespace, directory, sockets),
    tidy: async () => {
      const all = [...containers.values()];
      containers.clear();
      await Promise.all(all.map((each) => each.remove()));
    },
    end: async () => {
      await events.stop();
      await sweep(namespace, directory, sockets);
      rmSync(directory, { recursive: true, force: true });
      installed.remove();
    },
  };
};
