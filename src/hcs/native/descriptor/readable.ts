/** How much can be read from a descriptor without waiting. */
import { libc } from '../call/libc.js';

const FIONREAD = 0x541b;
const POLLHUP = 0x10;

// One for all calls: for an array that a native call gets, V8 makes a buffer outside of its heap.
const polled = new Int32Array(2);
const count = new Int32Array(1);

/** The number of unread bytes. 0 if the kernel does not report it, Infinity when all writers have closed. */
export const readable = (fd: number): number => {
  polled[0] = fd;
  polled[1] = 0;
  if (libc().poll(polled, 1, 0) > 0 && (polled[1]! >>> 16) & POLLHUP) return Number.POSITIVE_INFINITY;
  return libc().ioctl(fd, FIONREAD, 'void *', count) === 0 ? count[0]! : 0;
};
