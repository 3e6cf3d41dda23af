/**
 * The keeper as it was built, with a stand-in for its brain, in a folder of its own.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { koffi } from '../../../src/hcs/native/call/koffi.js';
import { orThrow } from '../../../src/hcs/native/call/libc.js';
import { TaskDefinition } from '../../../src/shim/messages/index.js';
import { serviceClient, ttrpcClient } from '../../../src/shim/ttrpc/index.js';
import { launcher } from '../launcher/harness.js';

export type TaskClient = ReturnType<typeof serviceClient<typeof TaskDefinition>>;

export interface Fact {
  readonly type: string;
  readonly [name: string]: unknown;
}

export interface Keeper {
  readonly pid: number;
  readonly socket: string;
  readonly task: TaskClient;
  /** A further connection, closed after the spec. */
  client(): TaskClient;
  connection(): Socket;
  brain(): Promise<{ readonly pid: number; readonly facts: readonly Fact[] }>;
  /** What the brain returns for a command of the stand-in. */
  ask(...act: readonly unknown[]): Promise<unknown>;
  killBrain(): Promise<void>;
  /** Settles when the keeper has ended. */
  readonly ended: Promise<number | null>;
  readonly log: () => string;
}

export const keeperHarness = () => {
  const folder = join(tmpdir(), `rxshim-keeper-${randomBytes(4).toString('hex')}`);
  const program = join(folder, 'brain.cjs');
  const started = new Set<ChildProcess>();
  const closes: (() => void)[] = [];
  let count = 0;

  beforeAll(() => {
    mkdirSync(folder);
    const esbuild = pathToFileURL(
      fileURLToPath(new URL('../../../node_modules/esbuild/lib/main.js', import.meta.url)),
    );
    const entry = fileURLToPath(new URL('stand-in.ts', import.meta.url));
    const options = { entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'cjs' };
    const define = { 'import.meta.url': '__url' };
    const banner = { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' };
    const all = { ...options, define, banner, logLevel: 'error', external: ['koffi'] };
    const script = `import esbuild from '${esbuild}'; esbuild.buildSync(${JSON.stringify(all)});`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script]);
  });
  const close = async (): Promise<void> => {
    for (const each of closes.splice(0)) each();
    for (const child of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const over = new Promise((resolve) => child.once('exit', resolve));
      // With its brain and the children of both, which are in no group of their own.
      for (const pid of childrenOf(child.pid as number)) kill(pid);
      child.kill('SIGKILL');
      await over;
    }
    started.clear();
  };
  afterEach(close);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<Keeper> => {
    count += 1;
    const socket = join(folder, `${count}.sock`);
    const events = join(folder, `${count}.events`);
    const fd = listenAt(socket);
    const child = spawn(launcher, ['keeper', socket, events, process.execPath, program], {
      stdio: ['ignore', 'ignore', 'pipe', fd],
      env: { ...process.env, NODE_PATH: modules, ...env },
    });
    closeSync(fd);
    started.add(child);
    let log = '';
    child.stderr?.on('data', (chunk) => (log += chunk));
    const client = (): TaskClient => {
      const made = ttrpcClient(() => connect(socket));
      closes.push(() => made.close());
      return serviceClient(made, TaskDefinition);
    };
    const task = client();
    const brain = async () => {
      const { shimPid, version } = await task.connect({ id: '' });
      return { pid: shimPid, facts: JSON.parse(version) as Fact[] };
    };
    return {
      pid: child.pid as number,
      socket,
      task,
      client,
      connection: () => {
        const made = connect(socket);
        closes.push(() => made.destroy());
        return made.on('error', () => undefined);
      },
      brain,
      ask: async (...act) => {
        const { processes } = await task.pids({ id: JSON.stringify(act) });
        return JSON.parse(processes[0]?.info?.typeUrl ?? '{}').answered;
      },
      killBrain: async () => {
        const { pid } = await brain();
        kill(pid);
        // The next one answers.
        while ((await brain()).pid === pid);
      },
      ended: new Promise((resolve) => child.once('exit', resolve)),
      log: () => log,
    };
  };
  return { folder, start, path: (name: string) => join(folder, name) };
};

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** A listening socket that no one accepts at: one of node's own would take connections away from the keeper. */
const listenAt = (path: string): number => {
  const library = koffi().load(null);
  const address = Buffer.alloc(110);
  address.writeUInt16LE(1, 0);
  address.write(path, 2);
  const fd = library.func('socket', 'int', ['int', 'int', 'int'])(1, 0o2000001, 0);
  orThrow('bind', library.func('bind', 'int', ['int', 'void *', 'uint'])(fd, address, 2 + path.length + 1));
  orThrow('listen', library.func('listen', 'int', ['int', 'int'])(fd, 128));
  return fd;
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

export const childrenOf = (pid: number): readonly number[] => {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, 'latin1').split(' ').filter(Boolean).map(Number) : [];
};
