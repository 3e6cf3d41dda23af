/**
 * Prepares descriptors of the caller for a child process.
 *
 * A program that does not expect O_NONBLOCK fails on EAGAIN, and the flag belongs to the open file, which caller and
 * process would share. So a non-blocking pipe or terminal is reopened as another open file, and the caller's stays as
 * it is. The same is done for a named pipe that the caller holds by both ends, because a process with both would never
 * see end of input, and for pipes of this program's own stdio, which may become non-blocking while the process runs.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { invalid } from '../../failures/errors.js';
import { libc } from '../call/libc.js';

/** A descriptor for a child process. */
export interface Handover {
  readonly fd: number;
  /** Call it once the process has it. Leaves the caller's descriptor alone. */
  release(): void;
}

const { O_APPEND, O_NOCTTY, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const O_ACCMODE = 3;
const F_GETFL = 3;
const F_SETFL = 4;

/** @throws RxshimError `invalidArgument` for what is no open descriptor. */
export const handOver = (field: string, fd: number, direction: 'read' | 'write'): Handover => {
  const asItIs = { fd, release: () => undefined };
  const kind = kindOf(field, fd);
  if (kind === 'file' || process.platform !== 'linux') return asItIs;
  const flags = libc().fcntl(fd, F_GETFL, 'int', 0);
  // libuv makes a stream of this program's own non-blocking when it is first used, which may come later.
  const isOwn = fd <= 2;
  const isBothEnds = kind === 'pipe' && (flags & O_ACCMODE) === O_RDWR;
  if ((flags & O_NONBLOCK) === 0 && !isBothEnds && !(isOwn && kind === 'pipe')) return asItIs;
  const access = isBothEnds ? (direction === 'read' ? O_RDONLY : O_WRONLY) : flags & O_ACCMODE;
  const again = reopen(fd, access | (flags & O_APPEND));
  return again === undefined ? asItIs : { fd: again, release: () => closeSync(again) };
};

// Opening must not wait for the other end of a named pipe, so O_NONBLOCK is cleared only afterwards.
const reopen = (fd: number, mode: number): number | undefined => {
  try {
    const again = openSync(`/proc/self/fd/${fd}`, mode | O_NOCTTY | O_NONBLOCK);
    libc().fcntl(again, F_SETFL, 'int', mode);
    return again;
  } catch {
    // A socket, a pipe without a reader, or a file of another user: the process has to use it as it is.
    return undefined;
  }
};

/** To files the flag makes no difference, and a second opening would lose their position. */
const kindOf = (field: string, fd: number): 'pipe' | 'device' | 'file' => {
  try {
    const file = fstatSync(fd);
    if (file.isFIFO()) return 'pipe';
    return file.isCharacterDevice() ? 'device' : 'file';
  } catch (cause) {
    throw invalid(field, fd, 'an open file descriptor', cause);
  }
};
