/**
 * Writes text to a descriptor that may be shared with a command.
 *
 * Not by `process.stdout` and `process.stderr`: Node makes pipes non-blocking, for every process that shares them, and
 * a command that does not expect this fails. After a failed write, further output is dropped; `failure` says why.
 */
import { writeSync } from 'node:fs';

export interface Writer {
  readonly fd: number;
  write(text: string | Uint8Array): void;
  /** The first failed write: `EPIPE` if the reader has left, `ENOSPC` if the disk is full. */
  failure(): NodeJS.ErrnoException | undefined;
}

export const descriptorWriter = (fd: number): Writer => {
  let failure: NodeJS.ErrnoException | undefined;
  const write = (text: string | Uint8Array): void => {
    let rest: Uint8Array = typeof text === 'string' ? Buffer.from(text) : text;
    while (rest.length > 0 && failure === undefined) {
      try {
        rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        // Another process has made it non-blocking, and its reader is slow.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') sleep(5);
        else failure = error as NodeJS.ErrnoException;
      }
    }
  };
  return { fd, write, failure: () => failure };
};

const cell = new Int32Array(new SharedArrayBuffer(4));
const sleep = (ms: number): void => void Atomics.wait(cell, 0, 0, ms);
