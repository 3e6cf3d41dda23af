/**
 * Everyday use beside execa, `node:child_process` and a shell: lines, bytes, pipelines, and what a command costs, alone
 * or beside an init. All of it with real processes on this host.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { local } from '../../src/hcs/local/index.js';
import { pipeline } from '../../src/run/pipeline.js';
import { run } from '../../src/run/run.js';
import { lines } from '../../src/streams/stdio/lines.js';
import { text } from '../../src/streams/stdio/output.js';
import type { InputRequest } from '../../src/streams/stdio/upstream/index.js';
import type { Task } from '../../src/streams/task/interface.js';
import { createTask } from '../../src/streams/task/task.js';
import { type Comparison, type Row, sideBySide } from './side-by-side.js';

const MEBIBYTE = 1024 * 1024;
const LINE = 85;

/** Nothing where there are no such programs. */
export const peers = async (quick: boolean, named = ''): Promise<Comparison[]> => {
  if (process.platform !== 'linux') return [];
  const folder = mkdtempSync(join(tmpdir(), 'peers-bench-'));
  const beside = await start(['sleep', 'infinity'], {});
  try {
    const rows = [
      linesRow(quick ? 8 : 64, join(folder, 'lines')),
      bytesRow(quick ? 32 : 256),
      pipelineRow(quick ? 64 : 1024),
      latePipelineRow(quick ? 64 : 1024),
      taskRow(quick ? 5 : 40),
      execRow(quick ? 5 : 40, beside),
      fiftyRow(quick ? 10 : 50, beside),
      runPipelineRow(quick ? 5 : 20),
    ];
    return await sideBySide(
      rows.filter(({ name }) => name.includes(named)),
      quick ? 1 : 9,
    );
  } finally {
    await beside[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
};

const rate = async (mebibytes: number, work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (mebibytes * 1000) / (performance.now() - start);
};

const millisecondsEach = async (times: number, work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  for (let time = 0; time < times; time += 1) await work();
  return (performance.now() - start) / times;
};

const same = (found: unknown, expected: unknown): void => {
  if (found !== expected) throw new Error(`${found} in the place of ${expected}`);
};

const start = async (
  args: readonly string[],
  { stdin, stdout = 'ignore' }: { readonly stdin?: InputRequest; readonly stdout?: 'pipe' | 'ignore' },
): Promise<Task> => {
  const task = await createTask({ id: 't', system: local(), spec: { args }, stdio: { stdin, stdout } });
  await task.init.start();
  return task;
};

const end = async (...tasks: readonly Task[]): Promise<void> => {
  for (const task of tasks) {
    await task.wait();
    await task.delete();
  }
};

const exited = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

const count = async (items: AsyncIterable<unknown>): Promise<number> => {
  let found = 0;
  for await (const _ of items) found += 1;
  return found;
};

const sum = async (chunks: AsyncIterable<Uint8Array>): Promise<number> => {
  let found = 0;
  for await (const chunk of chunks) found += chunk.byteLength;
  return found;
};

/** Written by `cat`, which costs next to nothing: what is measured is the reading. */
const linesRow = (mebibytes: number, path: string): Row => {
  const all = Math.floor((mebibytes * MEBIBYTE) / LINE);
  writeFileSync(path, `${'x'.repeat(LINE - 1)}\n`.repeat(all));
  const command = ['cat', path] as const;
  const [file, ...args] = command;
  return {
    name: `lines of ${LINE} B`,
    unit: 'MiB/s',
    contenders: {
      rxshim: () =>
        rate(mebibytes, async () => {
          const task = await start(command, { stdout: 'pipe' });
          same(await count(lines(task.init.stdout)), all);
          await end(task);
        }),
      execa: () => rate(mebibytes, async () => same(await count(execa(file, args, { buffer: false })), all)),
      readline: () =>
        rate(mebibytes, async () => {
          const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
          same(await count(createInterface({ input: child.stdout as Readable })), all);
          await exited(child);
        }),
    },
  };
};

const bytesRow = (mebibytes: number): Row => {
  const all = mebibytes * MEBIBYTE;
  const args = ['-c', `${all}`, '/dev/zero'];
  return {
    name: 'stdout as bytes',
    unit: 'MiB/s',
    contenders: {
      rxshim: () =>
        rate(mebibytes, async () => {
          const task = await start(['head', ...args], { stdout: 'pipe' });
          same(await sum(task.init.stdout!), all);
          await end(task);
        }),
      execa: () =>
        rate(mebibytes, async () => {
          const child = execa('head', args, { buffer: false, encoding: 'buffer' });
          same(await sum(child.iterable({ binary: true })), all);
          await child;
        }),
      child_process: () =>
        rate(mebibytes, async () => {
          const child = spawn('head', args, { stdio: ['ignore', 'pipe', 'inherit'] });
          same(await sum(child.stdout as Readable), all);
          await exited(child);
        }),
    },
  };
};

const produce = (all: number) => ['head', '-c', `${all}`, '/dev/zero'] as const;
const consume = ['wc', '-c'] as const;

/** Two tasks whose processes are joined, before the first is started or after. */
const joined = async (all: number, when: 'before' | 'after'): Promise<string> => {
  const first = await createTask({
    id: 'a',
    system: local(),
    spec: { args: produce(all) },
    stdio: { stdout: 'pipe' },
  });
  if (when === 'after') {
    await first.init.start();
    // Until something has been read.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const second = await start(consume, { stdin: first.init.stdout, stdout: 'pipe' });
  if (when === 'before') await first.init.start();
  const counted = await text(second.init.stdout);
  await end(first, second);
  return counted.trim();
};

const byShell = async (all: number): Promise<string> => {
  const script = `${produce(all).join(' ')} | ${consume.join(' ')}`;
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const counted = await text(shell.stdout as Readable);
  await exited(shell);
  return counted.trim();
};

const byExeca = async (all: number): Promise<string> => {
  const [file, ...args] = produce(all);
  return (await execa(file, args, { buffer: false }).pipe(consume[0], consume.slice(1))).stdout;
};

const byChildProcess = async (all: number): Promise<string> => {
  const [file, ...args] = produce(all);
  const first = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const second = spawn(consume[0], consume.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  first.stdout!.pipe(second.stdin!);
  const counted = await text(second.stdout as Readable);
  await Promise.all([exited(first), exited(second)]);
  return counted.trim();
};

const throughPipeline = (mebibytes: number) => {
  const all = mebibytes * MEBIBYTE;
  return (work: (all: number) => Promise<string>) => () =>
    rate(mebibytes, async () => same(await work(all), `${all}`));
};

const pipelineRow = (mebibytes: number): Row => {
  const through = throughPipeline(mebibytes);
  return {
    name: 'pipeline of two',
    unit: 'MiB/s',
    contenders: {
      rxshim: through((all) => joined(all, 'before')),
      shell: through(byShell),
      execa: through(byExeca),
      child_process: through(byChildProcess),
    },
  };
};

const latePipelineRow = (mebibytes: number): Row => {
  const through = throughPipeline(mebibytes);
  return {
    name: 'the same, joined after the start',
    unit: 'MiB/s',
    contenders: { rxshim: through((all) => joined(all, 'after')), shell: through(byShell) },
  };
};

const ofOthers = (times: number): Row['contenders'] => ({
  execa: () => millisecondsEach(times, async () => same((await execa('echo', ['hi'])).stdout, 'hi')),
  child_process: () =>
    millisecondsEach(times, async () => {
      const child = spawn('echo', ['hi'], { stdio: ['ignore', 'pipe', 'inherit'] });
      same(await text(child.stdout as Readable), 'hi\n');
      await exited(child);
    }),
});

const taskRow = (times: number): Row => ({
  name: 'a task for each command',
  unit: 'ms',
  lessIsBetter: true,
  contenders: {
    rxshim: () =>
      millisecondsEach(times, async () => {
        const task = await start(['echo', 'hi'], { stdout: 'pipe' });
        same(await text(task.init.stdout), 'hi\n');
        await end(task);
      }),
    run: () => millisecondsEach(times, async () => same((await run(host, ['echo', 'hi'])).stdout, 'hi')),
    ...ofOthers(times),
  },
});

/** Shared by runs: each has a system of its own. */
const host = local();

const execRow = (times: number, task: Task): Row => ({
  name: 'an exec beside an init',
  unit: 'ms',
  lessIsBetter: true,
  contenders: {
    rxshim: () =>
      millisecondsEach(times, async () => {
        const exec = await task.createExec({
          id: 'e',
          spec: { args: ['echo', 'hi'] },
          stdio: { stdout: 'pipe' },
        });
        await exec.start();
        same(await text(exec.stdout), 'hi\n');
        await exec.wait();
        await task.delete('e');
      }),
    run: () => millisecondsEach(times, async () => same((await run(task, ['echo', 'hi'])).stdout, 'hi')),
    ...ofOthers(times),
  },
});

/** All at once; both outputs are read, as execa does by itself. */
const fiftyRow = (times: number, task: Task): Row => {
  const together = (work: () => Promise<unknown>) => async (): Promise<number> => {
    const start = performance.now();
    await Promise.all(Array.from({ length: times }, work));
    return (performance.now() - start) / times;
  };
  return {
    name: 'fifty at a time beside an init',
    unit: 'ms',
    lessIsBetter: true,
    contenders: {
      run: together(async () => same((await run(task, ['echo', 'hi'])).stdout, 'hi')),
      execa: together(async () => same((await execa('echo', ['hi'])).stdout, 'hi')),
    },
  };
};

/** What two short commands cost that are joined; how fast much goes through is measured above. */
const runPipelineRow = (times: number): Row => ({
  name: 'pipeline of two short commands',
  unit: 'ms',
  lessIsBetter: true,
  contenders: {
    run: () =>
      millisecondsEach(times, async () =>
        same((await pipeline(run(host, ['echo', 'hi']), run(host, ['cat']))).stdout, 'hi'),
      ),
    execa: () =>
      millisecondsEach(times, async () => same((await execa('echo', ['hi']).pipe('cat')).stdout, 'hi')),
    child_process: () =>
      millisecondsEach(times, async () => {
        const first = spawn('echo', ['hi'], { stdio: ['ignore', 'pipe', 'inherit'] });
        const second = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
        first.stdout!.pipe(second.stdin!);
        same(await text(second.stdout as Readable), 'hi\n');
        await Promise.all([exited(first), exited(second)]);
      }),
  },
});
