/**
 * One open file, two owners.
 *
 * Sources and sinks close what they are given. A terminal's master, which is read from, written to and resized, is
 * duplicated for each of them.
 */
import { libc } from '../call/libc.js';
import { openedOrThrow } from './of-this-thread.js';

const F_DUPFD_CLOEXEC = 1030;

/** A second descriptor for the same open file, close-on-exec. Position and O_NONBLOCK are shared with the first. */
export const duplicate = (fd: number): number =>
  openedOrThrow('fcntl', libc().fcntl(fd, F_DUPFD_CLOEXEC, 'int', 0));
