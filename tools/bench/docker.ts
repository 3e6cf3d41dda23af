/**
 * `npm run bench -- --docker`: containers and execs of a private dockerd by rxshim, the docker command and dockerode, in one
 * interleaved run. Needs root and dockerd; each peer is measured where it is installed.
 *
 * dockerode is no dependency of this project: RXSHIM_PEERS names a folder in which it was installed
 * (`npm install --prefix FOLDER dockerode@5`).
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { image, startDocker, type TestDaemon } from '../../spec/support/docker-daemons.js';
import { docker } from '../../src/hcs/docker/index.js';
import { run } from '../../src/run/run.js';
import type { Exec } from '../../src/streams/exec/interface.js';
import type { Task } from '../../src/streams/task/interface.js';
import { createTask } from '../../src/streams/task/task.js';
import { type Dockerode, dockerodeWork } from './dockerode.js';
import { type Comparison, type Row, sideBySide } from './side-by-side.js';

const mebibyte = 2 ** 20;

/** Nothing where there is no dockerd. @param named part of the names of the rows to measure. */
export const dockers = async (quick: boolean, named = ''): Promise<Comparison[]> => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  if (spawnSync('dockerd', ['--version']).error) return [];
  const daemon = await startDocker();
  try {
    const beside = await idle(daemon, 'beside');
    try {
      return await measure(daemon, beside, quick, named);
    } finally {
      await beside[Symbol.asyncDispose]();
    }
  } finally {
    await daemon.remove();
  }
};

const idle = async ({ host }: TestDaemon, id: string): Promise<Task> => {
  const system = docker({ image, host, network: 'none', name: id, command: ['sleep', 'infinity'] });
  const task = await createTask({ id, system });
  await task.init.start();
  return task;
};

interface Bench {
  readonly daemon: TestDaemon;
  readonly beside: Task;
  readonly dockerode: Dockerode | undefined;
  /** Runs the docker command to its end. */
  readonly command: ((...args: readonly string[]) => Promise<unknown>) | undefined;
  readonly quick: boolean;
}

const measure = async (
  daemon: TestDaemon,
  beside: Task,
  quick: boolean,
  named: string,
): Promise<Comparison[]> => {
  const hasCommand = !spawnSync('docker', ['--version']).error;
  const env = { ...process.env, DOCKER_HOST: daemon.host };
  const bench: Bench = {
    daemon,
    beside,
    dockerode: peer(daemon.socket),
    command: hasCommand
      ? (...args) => promisify(execFile)('docker', [...args], { env, maxBuffer: 2 ** 30 })
      : undefined,
    quick,
  };
  const rows: readonly { readonly row: Row; readonly rounds: number }[] = [
    { row: execRow(bench), rounds: quick ? 5 : 25 },
    { row: runRow(bench), rounds: quick ? 3 : 9 },
    { row: outputRow(bench, quick ? 64 : 256), rounds: quick ? 2 : 5 },
    { row: atOnceRow(bench, quick ? 50 : 200), rounds: quick ? 1 : 3 },
    { row: slowReaderRow(bench), rounds: quick ? 1 : 3 },
    { row: idleExecRow(bench, quick ? 10 : 50), rounds: quick ? 1 : 3 },
    { row: idleContainerRow(bench, quick ? 3 : 10), rounds: quick ? 1 : 3 },
  ];
  const comparisons: Comparison[] = [];
  for (const { row, rounds } of rows)
    if (row.name.includes(named)) comparisons.push(...(await sideBySide([row], rounds)));
  return comparisons;
};

const peer = (socket: string): Dockerode | undefined => {
  const folder = process.env['RXSHIM_PEERS'];
  if (folder === undefined || !existsSync(join(folder, 'node_modules/dockerode'))) return undefined;
  return dockerodeWork(createRequire(join(folder, 'package.json'))('dockerode'), socket);
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

const same = (found: unknown, expected: unknown): void => {
  if (found !== expected) throw new Error(`${found} in the place of ${expected}`);
};

const execRow = ({ beside, dockerode, command }: Bench): Row => ({
  name: 'an exec of `true`, to its exit code',
  unit: 'ms',
  lessIsBetter: true,
  contenders: {
    rxshim: () => timed(async () => same((await run(beside, ['true'])).status, 0)),
    ...(command && { 'docker exec': () => timed(() => command('exec', beside.id, 'true')) }),
    ...(dockerode && {
      dockerode: () => timed(async () => same(await dockerode.exec(beside.id, ['true']), 0)),
    }),
  },
});

const runRow = ({ daemon: { host }, dockerode, command }: Bench): Row => ({
  name: 'a container that runs `true`, and its removal',
  unit: 'ms',
  lessIsBetter: true,
  contenders: {
    rxshim: () =>
      timed(async () => same((await run(docker({ image, host, network: 'none' }), ['true'])).status, 0)),
    ...(command && {
      'docker run --rm': () => timed(() => command('run', '--rm', '--network', 'none', image, 'true')),
    }),
    ...(dockerode && { dockerode: () => timed(async () => same(await dockerode.run(image, ['true']), 0)) }),
  },
});

const outputRow = ({ beside, dockerode }: Bench, mebibytes: number): Row => {
  const argv = ['dd', 'if=/dev/zero', 'bs=1M', `count=${mebibytes}`];
  const rate = async (work: () => Promise<number>): Promise<number> => {
    let bytes = 0;
    const took = await timed(async () => {
      bytes = await work();
    });
    same(bytes, mebibytes * mebibyte);
    return (mebibytes * 1000) / took;
  };
  return {
    name: `${mebibytes} MiB of output of an exec`,
    unit: 'MiB/s',
    contenders: {
      rxshim: () =>
        rate(async () => {
          const exec = await writing(beside, argv);
          let bytes = 0;
          for await (const chunk of exec.stdout ?? []) bytes += chunk.length;
          same((await exec.wait()).status, 0);
          return bytes;
        }),
      ...(dockerode && { dockerode: () => rate(() => dockerode.count(beside.id, argv)) }),
    },
  };
};

let execs = 0;

/** A started exec whose stdout is a pipe. */
const writing = async (task: Task, args: readonly string[]): Promise<Exec> => {
  const exec = await task.createExec({ id: `writing-${++execs}`, spec: { args }, stdio: { stdout: 'pipe' } });
  await exec.start();
  return exec;
};

const atOnceRow = ({ beside, dockerode }: Bench, count: number): Row => {
  const all = (one: (code: number) => Promise<number>) => () =>
    timed(async () => {
      const codes = Array.from({ length: count }, (_, at) => at % 100);
      const found = await Promise.all(codes.map(one));
      same(found.join(), codes.join());
    });
  const argv = (code: number) => ['sh', '-c', `exit ${code}`];
  return {
    name: `${count} execs at once, each to its exit code`,
    unit: 'ms',
    lessIsBetter: true,
    contenders: {
      rxshim: all(async (code) => (await run(beside, argv(code), { reject: false })).status),
      ...(dockerode && {
        dockerode: all(async (code) => (await dockerode.exec(beside.id, argv(code))) ?? -1),
      }),
    },
  };
};

/** What this program holds, in MiB, while a reader that takes nothing more lets an exec wait that writes without end. */
const slowReaderRow = ({ beside, dockerode, quick }: Bench): Row => {
  const time = quick ? 500 : 2_000;
  const argv = ['timeout', '-s', 'KILL', '20', 'cat', '/dev/zero'];
  const held = async (work: () => Promise<() => Promise<unknown>>): Promise<number> => {
    const before = buffers();
    const end = await work();
    await new Promise((resolve) => setTimeout(resolve, time));
    const after = buffers();
    await end();
    return (after - before) / mebibyte;
  };
  return {
    name: `what is held for a reader that stops, after ${time / 1000} s`,
    unit: 'MiB',
    lessIsBetter: true,
    contenders: {
      rxshim: () =>
        held(async () => {
          const exec = await writing(beside, argv);
          const chunks = exec.stdout?.[Symbol.asyncIterator]();
          await chunks?.next();
          return async () => {
            await exec.kill('SIGKILL');
            await chunks?.return?.();
            await exec.wait();
          };
        }),
      ...(dockerode && {
        dockerode: () =>
          held(async () => {
            // Takes one chunk, and never says that it is done with it.
            const reader = new Writable({ write: () => undefined });
            const stream = await dockerode.open(beside.id, argv, reader);
            return async () => stream.destroy();
          }),
      }),
    },
  };
};

const buffers = (): number => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const settled = async (): Promise<number> => {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  return buffers();
};

/** In kB of heap and buffers for each. */
const memoryOf = async (
  count: number,
  open: (at: number) => Promise<() => Promise<unknown>>,
): Promise<number> => {
  const before = await settled();
  const opened: (() => Promise<unknown>)[] = [];
  for (let at = 0; at < count; at += 1) opened.push(await open(at));
  const after = await settled();
  for (const close of opened) await close();
  return (after - before) / count / 1_000;
};

const idleExecRow = ({ beside, dockerode }: Bench, count: number): Row => {
  const argv = ['sleep', '1000'];
  return {
    name: `memory for an idle exec, of ${count}`,
    unit: 'kB',
    lessIsBetter: true,
    contenders: {
      rxshim: () =>
        memoryOf(count, async () => {
          const exec = await beside.createExec({
            id: `idle-${++execs}`,
            spec: { args: argv },
            stdio: { stdout: 'pipe', stderr: 'pipe' },
          });
          await exec.start();
          return async () => {
            await exec.kill('SIGKILL');
            await exec.wait();
          };
        }),
      ...(dockerode && {
        dockerode: () =>
          memoryOf(count, async () => {
            const sink = new Writable({ write: (_, __, done) => done() });
            const stream = await dockerode.open(beside.id, argv, sink);
            return async () => stream.destroy();
          }),
      }),
    },
  };
};

const idleContainerRow = ({ daemon, dockerode }: Bench, count: number): Row => ({
  name: `memory for an idle container, of ${count}`,
  unit: 'kB',
  lessIsBetter: true,
  contenders: {
    rxshim: () =>
      memoryOf(count, async (at) => {
        const task = await idle(daemon, `idle-${at}`);
        return () => task[Symbol.asyncDispose]();
      }),
    ...(dockerode && { dockerode: () => memoryOf(count, (at) => dockerode.idle(image, `idle-${at}`)) }),
  },
});
