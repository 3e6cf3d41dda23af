/**
 * Whole lives of an exec: created, started, exited, drained, released, its waiter answered. Everything outside the exec is
 * faked, except for the pipes of the kernel.
 */
import { closeSync, readSync } from 'node:fs';
import { descriptorSink, openPipe } from '../../src/hcs/native/index.js';
import type { ExecOptions } from '../../src/streams/exec/options.js';
import { type UpstreamIo, unconnected } from '../../src/streams/stdio/upstream.js';
import { makeHarness } from './harness.js';
import { observed } from './observed.js';
import { pipedSystem } from './piped-system.js';

const harness = makeHarness();

export const withoutIo = (lives: number, options: Partial<ExecOptions> = {}): void => {
  for (let life = 0; life < lives; life += 1) {
    let released = false;
    const exec = harness.exec(options);
    exec.wait().subscribe(() => (released = true));
    exec.start().subscribe();
    harness.takeProcess().exit(0);
    if (!released) throw new Error('a life without an end');
  }
};

export const withSpansAndLogs = (lives: number): void => withoutIo(lives, observed());

const kibibyte = new Uint8Array(1024);
const room = new Uint8Array(2 * kibibyte.byteLength);

/** The process writes into a pipe of the kernel, and the relay passes it on into another one. */
export const withKibibyte = async (lives: number): Promise<void> => {
  const { system, takeProcess } = pipedSystem();
  for (let life = 0; life < lives; life += 1) {
    const output = openPipe();
    const stdout = descriptorSink(output.write);
    const upstream: UpstreamIo = { stdout, ...unconnected };
    const exec = harness.exec({ system, upstream });
    exec.start().subscribe();
    const process = takeProcess();
    process.write(kibibyte);
    process.exit(0);
    await new Promise((resolve) => exec.released$.subscribe(resolve));
    stdout.close();
    const length = readSync(output.read, room);
    closeSync(output.read);
    if (length !== kibibyte.byteLength) throw new Error(`${length} bytes of output`);
  }
};
