/**
 * How fast bytes go through, from a process to this one and to another.
 *
 * Each measurement starts `dd` as writer, and where there is one as reader, and returns MiB per second from the start
 * of the processes to their end. The machine's own limit is `shellPipe`: dd to dd, with nothing of rxshim between.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { descriptorSink, descriptorSource, moveBytes, openPipe } from '../../src/hcs/native/index.js';

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

/** dd to dd through a pipe as the kernel makes it. */
export const shellPipe = (mebibytes: number): Promise<number> =>
  rate(mebibytes, () => {
    const { read, write } = openPipe();
    const children = [writeTo(write, mebibytes), readFrom(read)];
    for (const fd of [read, write]) closeSync(fd);
    return Promise.all(children.map(ended));
  });

/** From a pipe to code that looks at every chunk. */
export const pipeToCode = (mebibytes: number): Promise<number> =>
  rate(mebibytes, async () => {
    const { read, write } = openPipe();
    const writer = writeTo(write, mebibytes);
    closeSync(write);
    let bytes = 0;
    for await (const chunk of descriptorSource(read)) bytes += chunk.length;
    await ended(writer);
    if (bytes !== mebibytes * 1024 * 1024) throw new Error(`${bytes} bytes came of ${mebibytes} MiB`);
  });

/** From pipe to pipe, through JavaScript. */
export const pipeToPipeCopied = (mebibytes: number): Promise<number> =>
  between(mebibytes, async (from, to) => {
    const sink = descriptorSink(to);
    for await (const chunk of descriptorSource(from)) await sink.write(chunk);
    sink.close();
  });

/** From pipe to pipe, inside the kernel. */
export const pipeToPipeMoved = (mebibytes: number): Promise<number> =>
  between(mebibytes, async (from, to) => {
    const move = moveBytes(from, to);
    for (const fd of [from, to]) closeSync(fd);
    await move?.done;
  });

const between = (mebibytes: number, relay: (from: number, to: number) => Promise<void>): Promise<number> =>
  rate(mebibytes, async () => {
    const [input, output] = [openPipe(), openPipe()];
    const children = [writeTo(input.write, mebibytes), readFrom(output.read)];
    for (const fd of [input.write, output.read]) closeSync(fd);
    await relay(input.read, output.write);
    await Promise.all(children.map(ended));
  });
