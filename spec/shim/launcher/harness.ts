/**
 * The launcher as it was built, in an installation of its own whose daemon is a stand-in.
 *
 * Its sockets are in that folder too, unless a spec asks for the usual place, so that most specs need not be root.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from '@jest/globals';
import { BootstrapParams, TaskDefinition } from '../../../src/shim/messages/index.js';
import { serviceClient, ttrpcClient } from '../../../src/shim/ttrpc/index.js';
import { killAll } from '../../support/containerd/census.js';
import { describeWith } from '../../support/needs.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const launcherFor = (arch: string): string => join(root, `dist/shim/launcher-linux-${arch}`);
export const launcher = launcherFor(process.arch);

const lack = (): string | undefined => {
  if (process.platform !== 'linux') return 'needs Linux';
  if (!existsSync(launcher)) return 'needs npm run build with a C compiler: apt-get install gcc libc6-dev';
  return undefined;
};

export const describeLauncher = describeWith(lack());

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Bundle {
  readonly id: string;
  readonly path: string;
}

export interface Start {
  /** Instead of `-namespace … -id ID start`. */
  readonly words?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What comes on stdin instead of where the sockets are to be. */
  readonly input?: Uint8Array;
}

export interface Daemon {
  readonly pid: number;
  /** The containers that it has taken in, `ID=BUNDLE`. */
  readonly joined: readonly string[];
}

export interface Harness {
  readonly prefix: string;
  readonly library: string;
  readonly sockets: string;
  /** What stands for containerd's own socket. */
  readonly address: string;
  bundle(config?: object | string, id?: string): Bundle;
  run(bundle: Bundle, start?: Start): Promise<Ended>;
  /** Answers the path of the socket. @throws with what the launcher said otherwise. */
  start(bundle: Bundle, start?: Start): Promise<string>;
  daemon(socket: string): Promise<Daemon>;
  shutdown(socket: string): Promise<void>;
  /** The daemons that were started, and what they are called with. */
  daemons(): readonly number[];
}

export const namespace = 'spec';

export interface HarnessOptions {
  /** The launcher; by default the one for this machine. */
  readonly program?: string;
  /** Runs the launcher, if this machine cannot. */
  readonly interpreter?: readonly string[];
}

export const harness = ({ program = launcher, interpreter = [] }: HarnessOptions = {}): Harness => {
  // Made before the specs, not here: where all are skipped nothing would remove it.
  const prefix = join(tmpdir(), `rxshim-${randomBytes(4).toString('hex')}`);
  const [library, sockets, address] = [join(prefix, 'lib/rxshim'), join(prefix, 's'), join(prefix, 'c.sock')];
  const executable = join(prefix, 'bin/containerd-shim-rxshim-v1');
  const children = new Set<ChildProcess>();
  let count = 0;

  beforeAll(() => {
    mkdirSync(join(prefix, 'bin'), { recursive: true });
    mkdirSync(join(prefix, 'pids'));
    copyFileSync(program, executable);
    const bundler = pathToFileURL(join(root, 'scripts/bundle-shim.mjs'));
    const entry = fileURLToPath(new URL('stand-in.ts', import.meta.url));
    const script = `import { bundleShim } from '${bundler}';
      const failure = bundleShim(...${JSON.stringify([root, library, entry])}); if (failure) throw new Error(failure);`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script]);
    writeFileSync(join(library, 'shim.conf'), `node = ${process.execPath}\n`);
  });

  const pids = (): readonly [number, string][] =>
    readdirSync(join(prefix, 'pids')).flatMap((name) => {
      if (!name.endsWith('.pid')) return [];
      return [[Number.parseInt(name, 10), readFileSync(join(prefix, 'pids', name), 'utf8')]];
    });

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    // A daemon that was just being started has not written its pid yet, but its command line names the installation.
    await killAll(prefix);
    for (const [, socket] of pids()) rmSync(socket, { force: true });
    rmSync(prefix, { recursive: true, force: true });
  });

  const run: Harness['run'] = async ({ id, path }, { words, env = {}, input } = {}) => {
    const flags = [
      '-namespace',
      namespace,
      '-address',
      address,
      '-publish-binary',
      '/bin/containerd',
      '-id',
      id,
    ];
    const { RXSHIM_GROUPING: _, RXSHIM_LINGER: __, RXSHIM_NODE: ___, ...inherited } = process.env;
    const [file = executable, ...before] = [...interpreter, executable];
    const child = spawn(file, [...before, ...(words ?? [...flags, 'start'])], {
      cwd: path,
      env: { ...inherited, STAND_IN_FOLDER: join(prefix, 'pids'), ...env },
    });
    children.add(child);
    child.stdin
      .on('error', () => undefined)
      .end(input ?? bootstrap({ instanceId: id, namespace, socketDir: sockets }));
    const code = new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('close', resolve),
    );
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const ended = { code: await code, stdout, stderr };
    children.delete(child);
    return ended;
  };

  const withTask = async <T>(
    socket: string,
    act: (task: ReturnType<typeof serviceClient<typeof TaskDefinition>>) => Promise<T>,
  ): Promise<T> => {
    const client = ttrpcClient(() => connect(socket));
    try {
      return await act(serviceClient(client, TaskDefinition));
    } finally {
      client.close();
    }
  };

  return {
    prefix,
    library,
    sockets,
    address,
    bundle: (config = { ociVersion: '1.0.2' }, id) => {
      count += 1;
      const path = join(prefix, `bundle-${count}`);
      mkdirSync(path);
      writeFileSync(join(path, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
      return { id: id ?? `c${count}`, path };
    },
    run,
    start: async (bundle, start) => {
      const { code, stdout, stderr } = await run(bundle, start);
      const [, path] = /unix:\/\/([\x20-\x7e]+)/.exec(stdout) ?? [];
      if (code !== 0 || stderr !== '' || path === undefined) {
        throw new Error(`ended with ${code}: ${stdout}${stderr}`);
      }
      return path;
    },
    daemon: (socket) =>
      withTask(socket, async (task) => {
        const { shimPid, version } = await task.connect({ id: '' });
        return { pid: shimPid, joined: version === '' ? [] : version.split(' ') };
      }),
    shutdown: (socket) => withTask(socket, async (task) => void (await task.shutdown({ id: '', now: true }))),
    daemons: () => pids().map(([pid]) => pid),
  };
};

export const bootstrap = (params: Partial<BootstrapParams>): Uint8Array =>
  BootstrapParams.encode(BootstrapParams.create(params)).finish();
