/**
 * Output of a container into a FIFO that a program reads, and into a log file: how fast, and the shim's processor time for
 * it. In large writes, and in lines of 100 bytes with a write for each. For a log file the library is measured as well.
 */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openShimHost, type ShimHost, shell } from '../../spec/support/containerd/shim-host.js';
import type { Contender } from './contenders.js';
import { containerOfLibrary } from './library.js';
import { median, type Row, timed } from './row.js';

interface Load {
  readonly name: string;
  readonly mebibytes: number;
  readonly script: string;
}

interface Seen {
  readonly rate: number;
  readonly processor: number;
}

const rounds = 5;

const loads = (quick: boolean): readonly Load[] => {
  const large = quick ? 64 : 1024;
  const lines = quick ? 200_000 : 2_000_000;
  return [
    {
      name: `${large} MiB in large writes`,
      mebibytes: large,
      script: `dd if=/dev/zero bs=1048576 count=${large} 2>/dev/null`,
    },
    {
      name: `${lines} lines of 100 B`,
      mebibytes: (lines * 100) / 2 ** 20,
      script: `dd if=/dev/zero bs=100 count=${lines} 2>/dev/null`,
    },
  ];
};

export const output = async (contenders: readonly Contender[], quick: boolean): Promise<Row[]> => {
  const hosts = await Promise.all(contenders.map(({ installed }) => openShimHost({}, installed)));
  const rows: Row[] = [];
  try {
    for (const target of ['a FIFO', 'a log file'] as const)
      for (const load of loads(quick)) {
        const acts = hosts.map((host) => () => (target === 'a FIFO' ? intoFifo : intoFile)(host, load));
        const [host] = hosts;
        if (target === 'a log file' && host !== undefined) acts.push(() => byLibrary(host, load));
        const seen = acts.map((): Seen[] => []);
        for (let round = quick ? 0 : -1; round < (quick ? 1 : rounds); round += 1)
          for (const [index, act] of acts.entries()) {
            const one = await act();
            if (round >= 0) seen[index]?.push(one);
          }
        const name = `${load.name} to ${target}`;
        const rates = seen.map((each) => median(each.map(({ rate }) => rate)));
        const processor = seen.map((each) => median(each.map(({ processor }) => processor)));
        rows.push({ name, unit: 'MiB/s', values: rates, moreIsBetter: true });
        rows.push({ name: `${name}: processor time of the shim`, unit: 's', values: processor });
      }
    return rows;
  } finally {
    for (const host of hosts) {
      await host.tidy();
      await host.end();
    }
  }
};

const intoFifo = async (host: ShimHost, load: Load): Promise<Seen> => {
  const container = await host.container(shell(load.script));
  const { paths } = container.streams('init');
  const reader = spawn('sh', ['-c', 'exec cat "$1" > /dev/null', 'sh', paths.stdout], { stdio: 'ignore' });
  const ended = new Promise((resolve) => reader.once('exit', resolve));
  await container.create({ stdout: paths.stdout, stderr: paths.stderr });
  return measured(container, load, () => ended);
};

const intoFile = async (host: ShimHost, load: Load): Promise<Seen> => {
  const file = join(host.directory, 'output.log');
  const container = await host.container(shell(load.script));
  await container.create({ stdout: `file://${file}`, stderr: `file://${file}` });
  try {
    return await measured(container, load, async () => undefined);
  } finally {
    rmSync(file);
  }
};

const byLibrary = async (host: ShimHost, load: Load): Promise<Seen> => {
  const file = join(host.directory, 'library.log');
  const container = await containerOfLibrary(host, shell(load.script), file);
  try {
    return await seenOf(process.pid, load, () => container.run());
  } finally {
    rmSync(file);
  }
};

const measured = async (
  container: Awaited<ReturnType<ShimHost['container']>>,
  load: Load,
  read: () => Promise<unknown>,
): Promise<Seen> => {
  const seen = await seenOf(await container.shimPid(), load, async () => {
    await container.task.start({ id: container.id, execId: '' });
    await container.exitOf();
    await container.task.delete({ id: container.id, execId: '' });
    await read();
  });
  await container.remove();
  return seen;
};

/** @param pid the process that has started the runtime and reaps the container */
const seenOf = async (pid: number, load: Load, act: () => Promise<void>): Promise<Seen> => {
  const before = processorTime(pid);
  const taken = await timed(act);
  return { rate: load.mebibytes / (taken / 1000), processor: processorTime(pid) - before };
};

const ticksPerSecond = 100;

/** Of all its threads and of the children that it has waited for (the runtime, and what copies), in seconds. */
const processorTime = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
};
