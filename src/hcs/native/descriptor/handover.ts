/**
 * Makes descriptors of the caller fit to be a process's own.
 *
 * A program that never asked for O_NONBLOCK fails on the EAGAIN that comes of it, and the flag belongs to the open
 * file, which caller and process would share. So a pipe or terminal that is open that way is opened a second time, as
 * another open file on the same thing, and the caller's stays as it is. The same goes for a named pipe that the caller
 * holds by both ends: a process that had both would never see the end of its own input. And for the pipes that are this
 * program's own stdio, which may become non-blocking while the process runs.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { invalid } from '../../failures/errors.js';
import { libc } from '../call/libc.js';

/** A descriptor to give to a process. */
export interface Handover {
  readonly fd: number;
  /** To be called once the process has it. Leaves the caller's descriptor alone. */
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
