/**
 * Writes text to a descriptor that may be shared with a command.
 *
 * Not by `process.stdout` and `process.stderr`: Node makes pipes non-blocking, for every process that shares them, and
 * a command that does not expect this fails. When the reader is gone, further output is dropped without an error.
 */
import { writeSync } from 'node:fs';

export interface Writer {
  readonly fd: number;
  write(text: string | Uint8Array): void;
}

export const descriptorWriter = (fd: number): Writer => {
  let gone = false;
  const write = (text: string | Uint8Array): void => {
    let rest: Uint8Array = typeof text === 'string' ? Buffer.from(text) : text;
    while (rest.length > 0 && !gone) {
      try {
        rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        // Another process has made it non-blocking, and its reader is slow.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') sleep(5);
        else gone = true;
      }
    }
  };
  return { fd, write };
};

const cell = new Int32Array(new SharedArrayBuffer(4));
const sleep = (ms: number): void => void Atomics.wait(cell, 0, 0, ms);
