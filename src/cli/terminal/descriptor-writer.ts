/**
 * Writes text to a descriptor that may be shared with a command.
 *
 * Not by `process.stdout` and `process.stderr`: for a pipe Node makes them non-blocking, for everyone who shares it,
 * and a command that never asked for that fails. A reader that is gone is no reason to fail: what is written to it is
 * dropped from then on.
 */
import { writeSync } from 'node:fs';

export interface Writer {
  readonly fd: number;
  write(text: string): void;
}

export const descriptorWriter = (fd: number): Writer => {
  let gone = false;
  const write = (text: string): void => {
    let rest: Uint8Array = Buffer.from(text);
    while (rest.length > 0 && !gone) {
      try {
        rest = rest.subarray(writeSync(fd, rest));
      } catch (error) {
        // Whoever shares it has made it non-blocking, and its reader is slow.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') sleep(5);
        else gone = true;
      }
    }
  };
  return { fd, write };
};

const cell = new Int32Array(new SharedArrayBuffer(4));
const sleep = (ms: number): void => void Atomics.wait(cell, 0, 0, ms);
