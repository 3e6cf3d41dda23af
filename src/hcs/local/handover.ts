/**
 * Makes descriptors of the caller fit to be a process's own.
 *
 * A program that never asked for O_NONBLOCK fails on the EAGAIN that comes of it, and the flag belongs to the open
 * file, which caller and process would share. So a pipe or terminal that is open that way is opened a second time, as
 * another open file on the same thing, and the caller's stays as it is.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { invalid } from '../errors.js';
import { libc } from '../native/libc.js';

/** A descriptor to give to a process. */
export interface Handover {
  readonly fd: number;
  /** To be called once the process has it. Leaves the caller's descriptor alone. */
  release(): void;
}

const { O_APPEND, O_NOCTTY, O_NONBLOCK } = constants;
const O_ACCMODE = 3;
const F_GETFL = 3;
const F_SETFL = 4;

/** @throws RxshimError `invalidArgument` for what is no open descriptor. */
export const handOver = (field: string, fd: number): Handover => {
  const asItIs = { fd, release: () => undefined };
  if (!canBlock(field, fd) || process.platform !== 'linux') return asItIs;
  const flags = libc().fcntl(fd, F_GETFL, 'int', 0);
  if ((flags & O_NONBLOCK) === 0) return asItIs;
  const again = reopen(fd, flags & (O_ACCMODE | O_APPEND));
  return again === undefined ? asItIs : { fd: again, release: () => closeSync(again) };
};

// Opening must not wait for the other end of a named pipe, so it is told to block only afterwards.
const reopen = (fd: number, mode: number): number | undefined => {
  try {
    const again = openSync(`/proc/self/fd/${fd}`, mode | O_NOCTTY | O_NONBLOCK);
    libc().fcntl(again, F_SETFL, 'int', mode);
    return again;
  } catch {
    // A socket, a pipe that nobody reads any more, or a file of someone else's: the process has to take it as it is.
    return undefined;
  }
};

/** Whether the flag makes a difference: it does not for files, whose position a second opening would lose. */
const canBlock = (field: string, fd: number): boolean => {
  try {
    const file = fstatSync(fd);
    return file.isFIFO() || file.isCharacterDevice();
  } catch (cause) {
    throw invalid(field, fd, 'an open file descriptor', cause);
  }
};
