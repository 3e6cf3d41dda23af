/**
 * How fast the relay's copy takes bytes from a process, and passes them on to another.
 *
 * Each measurement starts `dd` as writer, and where there is one as reader, and gives MiB per second from the start of
 * the processes to their end, the median of several runs.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { descriptorSink, descriptorSource, openPipe } from '../../src/hcs/native/index.js';
import { copy } from '../../src/streams/stdio/relay/copy.js';
import { type Figure, median } from './harness.js';

const dd = (stdio: StdioOptions, ...operands: string[]): ChildProcess =>
  spawn('dd', ['bs=1M', 'status=none', ...operands], { stdio });

const writeTo = (fd: number, mebibytes: number): ChildProcess =>
  dd(['ignore', fd, 'inherit'], 'if=/dev/zero', `count=${mebibytes}`);

const readFrom = (fd: number): ChildProcess => dd([fd, 'ignore', 'inherit'], 'of=/dev/null');

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null) await once(child, 'exit');
};

const rate = async (mebibytes: number, work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (mebibytes * 1000) / (performance.now() - start);
};

const pipeToCode = (mebibytes: number): Promise<number> =>
  rate(mebibytes, async () => {
    const { read, write } = openPipe();
    const writer = writeTo(write, mebibytes);
    closeSync(write);
    const counting = copy(descriptorSource(read), { write: () => Promise.resolve() }, { name: 'bench' });
    await counting.done;
    await ended(writer);
    if (counting.moved() !== mebibytes * 1024 * 1024)
      throw new Error(`${counting.moved()} bytes of ${mebibytes} MiB`);
  });

/** The way of a relay between two pipes: inside the kernel. */
const pipeToPipe = (mebibytes: number): Promise<number> =>
  between(mebibytes, async (from, to) => {
    const [source, sink] = [descriptorSource(from), descriptorSink(to)];
    await copy(source, sink, { name: 'bench' }).done;
    source.close();
    sink.close();
  });

/** The same through JavaScript, as when one end is no pipe. */
const pipeToPipeCopied = (mebibytes: number): Promise<number> =>
  between(mebibytes, async (from, to) => {
    const sink = descriptorSink(to);
    await copy(descriptorSource(from), { write: sink.write }, { name: 'bench' }).done;
    sink.close();
  });

const between = (mebibytes: number, relay: (from: number, to: number) => Promise<void>): Promise<number> =>
  rate(mebibytes, async () => {
    const [input, output] = [openPipe(), openPipe()];
    const children = [writeTo(input.write, mebibytes), readFrom(output.read)];
    for (const fd of [input.write, output.read]) closeSync(fd);
    await relay(input.read, output.write);
    await Promise.all(children.map(ended));
  });

export const relay = async (quick: boolean): Promise<Figure[]> => {
  const usual = async (measure: (mebibytes: number) => Promise<number>): Promise<number> => {
    const rates: number[] = [];
    for (let run = 0; run < (quick ? 1 : 7); run += 1) rates.push(await measure(quick ? 128 : 2048));
    return median(rates);
  };
  return [
    { name: 'relay, pipe to counting sink', value: await usual(pipeToCode), unit: 'MiB/s', go: 2350 },
    { name: 'relay, pipe to pipe', value: await usual(pipeToPipe), unit: 'MiB/s', go: 1160 },
    { name: 'relay, pipe to pipe by copying', value: await usual(pipeToPipeCopied), unit: 'MiB/s', go: 1160 },
  ];
};
