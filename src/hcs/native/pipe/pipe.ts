/**
 * Pipes of the kernel.
 *
 * The pipes of `node:child_process` are pairs of sockets: they cannot be opened again as /dev/stdout, and splice does not
 * move their pages. These pipes allow both. Both ends block and are close-on-exec; sources and sinks handle the rest.
 */
import { libc, orThrow } from '../call/libc.js';
import { ofThisThread } from '../descriptor/of-this-thread.js';

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;

/** The two ends of a pipe. The opener closes both. */
export interface PipeEnds {
  readonly read: number;
  readonly write: number;
}

// One for all calls: for an array that a native call gets, V8 makes a buffer outside of its heap.
const ends = new Int32Array(2);

export const openPipe = (): PipeEnds => {
  orThrow('pipe2', libc().pipe2(ends, O_CLOEXEC));
  return { read: ofThisThread(ends[0]!), write: ofThisThread(ends[1]!) };
};

/**
 * Asks for room for so many bytes in the pipe that `fd` is an end of. Returns whether it was granted: the kernel
 * refuses more than /proc/sys/fs/pipe-max-size, more than an unprivileged user's share, and what is not a pipe.
 */
export const setPipeSize = (fd: number, bytes: number): boolean =>
  libc().fcntl(fd, F_SETPIPE_SZ, 'int', bytes) >= 0;
