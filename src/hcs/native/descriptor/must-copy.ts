/**
 * Whether a process may get a descriptor of the caller as its own.
 *
 * O_NONBLOCK belongs to the open file, which caller and process share: a program that does not expect it fails with
 * EAGAIN and loses output. Pipes and terminals are opened a second time for the process (see `handOver`); a socket cannot
 * be. Node itself has the process clear the flag, also for the caller, whose own writes then block its event loop.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { libc } from '../call/libc.js';

const F_GETFL = 3;
const { O_NOCTTY, O_NONBLOCK } = constants;
const O_ACCMODE = 3;

/**
 * True when the bytes have to be copied: for a socket, or a pipe that cannot be opened again, that is non-blocking.
 *
 * @param mayChange whether the flag may be set later: libuv does so with this program's own stdout and stderr when they
 * are first written to.
 */
export const mustCopy = (fd: number, mayChange: boolean): boolean => {
  if (process.platform !== 'linux') return false;
  const stat = fstatSync(fd);
  if (!stat.isSocket() && !stat.isFIFO()) return false;
  const flags = libc().fcntl(fd, F_GETFL, 'int', 0);
  if ((flags & O_NONBLOCK) === 0 && !mayChange) return false;
  return stat.isSocket() || !canReopen(fd, flags & O_ACCMODE);
};

const canReopen = (fd: number, access: number): boolean => {
  try {
    closeSync(openSync(`/proc/self/fd/${fd}`, access | O_NONBLOCK | O_NOCTTY));
    return true;
  } catch {
    return false;
  }
};
