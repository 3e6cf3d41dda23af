/**
 * The caller's side of a terminal: its output, and its input. stdout and stderr are one stream.
 *
 * When the caller closes the output, the terminal hangs up and the kernel sends SIGHUP to its session. Otherwise a
 * process that writes to a terminal without a reader would never wake up.
 */
import { closeSync, writeSync } from 'node:fs';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { RxshimError } from '../../failures/errors.js';
import { libc } from '../call/libc.js';
import { duplicate } from '../descriptor/duplicate.js';
import { descriptorSink } from '../descriptor/sink.js';
import { descriptorSource } from '../descriptor/source.js';
import type { CallerStreams } from './streams.js';
import { resizeTerminal } from './terminal.js';

/** Owns `master` from now on, even on failure. */
export const masterStreams = (parameters: ProcessParameters, master: number): CallerStreams => {
  const owners: { close(): void }[] = [{ close: () => closeSync(master) }];
  const close = () => owners.splice(0).forEach((owner) => owner.close());
  // A source closes its descriptor at the end of output, and the number may soon be another file's. So the master
  // itself stays here, for what may be asked of the terminal until the caller closes it.
  const own = <T extends { close(): void }>(end: (fd: number) => T): T => {
    const owner = end(duplicate(master));
    owners.push(owner);
    return owner;
  };
  try {
    neverBlock(master);
    const stdout = own(descriptorSource);
    const stdin = parameters.CreateStdInPipe ? own(descriptorSink) : undefined;
    if (!parameters.CreateStdOutPipe) void discard(stdout);
    return {
      stdio: { ...(stdin && { stdin }), ...(parameters.CreateStdOutPipe && { stdout }) },
      closeStdin: () => {
        if (stdin && owners.length > 0) typeEnd(master);
      },
      closeStdout: close,
      closeStderr: () => undefined,
      resize: (to) => {
        if (owners.length === 0) throw new RxshimError('failedPrecondition', 'the terminal is closed');
        resizeTerminal(master, to);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
};

const F_SETFL = 4;
const O_RDWR_NONBLOCK = 0o4002;

const neverBlock = (master: number): void => void libc().fcntl(master, F_SETFL, 'int', O_RDWR_NONBLOCK);

// A terminal has no end of input other than Ctrl-D on an empty line. It is sent twice, since the first may only flush
// an unfinished line. If there is none, the second is end of input for the next reader, which is correct too.
const typeEnd = (master: number): void => {
  try {
    writeSync(master, '\x04\x04');
  } catch {
    // The terminal has no reader any more, or its queue is full. Then no process waits for the end of input.
  }
};

const discard = async (output: AsyncIterable<unknown>): Promise<void> => {
  try {
    for await (const _ of output);
  } catch {
    // Closed.
  }
};
