/**
 * Calls of the C library that Node does not offer.
 *
 * Each returns what C returns: -1 for a failure. `errno()` is valid until the next call. `nativeError` turns it into an
 * error like Node's own.
 */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { koffi } from './koffi.js';
import { requireLinux } from './runtime.js';

/** The variadic arguments follow as pairs of type and value. */
export interface Libc {
  access(path: string, mode: number): number;
  pipe2(ends: Int32Array, flags: number): number;
  read(fd: number, buffer: Uint8Array, length: number): number;
  write(fd: number, buffer: Uint8Array, length: number): number;
  splice(from: number, fromOffset: null, to: number, toOffset: null, length: number, flags: number): number;
  recv(fd: number, buffer: Uint8Array, length: number, flags: number): number;
  send(fd: number, buffer: Uint8Array, length: number, flags: number): number;
  getsockopt(fd: number, level: number, name: number, value: Uint32Array, size: Uint32Array): number;
  poll(descriptors: Int32Array, count: number, timeout: number): number;
  fcntl(fd: number, command: number, type: 'int', argument: number): number;
  ioctl(fd: number, request: number, type: 'void *', argument: Uint16Array | Int32Array): number;
  posix_openpt(flags: number): number;
  grantpt(master: number): number;
  unlockpt(master: number): number;
  ptsname_r(master: number, name: Uint8Array, length: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: Uint8Array | null): number;
  epoll_wait(epoll: number, events: Uint8Array, maxEvents: number, timeout: number): number;
  errno(): number;
}

const signatures: Record<Exclude<keyof Libc, 'errno'>, readonly [result: string, ...parameters: string[]]> = {
  access: ['int', 'str', 'int'],
  pipe2: ['int', 'void *', 'int'],
  read: ['intptr_t', 'int', 'void *', 'uintptr_t'],
  write: ['intptr_t', 'int', 'void *', 'uintptr_t'],
  splice: ['intptr_t', 'int', 'void *', 'int', 'void *', 'uintptr_t', 'uint'],
  recv: ['intptr_t', 'int', 'void *', 'uintptr_t', 'int'],
  send: ['intptr_t', 'int', 'void *', 'uintptr_t', 'int'],
  getsockopt: ['int', 'int', 'int', 'int', 'void *', 'void *'],
  poll: ['int', 'void *', 'ulong', 'int'],
  fcntl: ['int', 'int', 'int', '...'],
  ioctl: ['int', 'int', 'ulong', '...'],
  posix_openpt: ['int', 'int'],
  grantpt: ['int', 'int'],
  unlockpt: ['int', 'int'],
  ptsname_r: ['int', 'int', 'void *', 'uintptr_t'],
  epoll_create1: ['int', 'int'],
  epoll_ctl: ['int', 'int', 'int', 'int', 'void *'],
  epoll_wait: ['int', 'int', 'void *', 'int', 'int'],
};

let bound: Libc | undefined;

/** @throws RxshimError `unavailable` without koffi or outside of Linux. */
export const libc = (): Libc => (bound ??= bind());

/** The last failure as an error with `errno`, `code` and `syscall`, like those of `node:fs`. */
export const nativeError = (syscall: string, errno: number = libc().errno()): NodeJS.ErrnoException => {
  const code = errorName(errno);
  return Object.assign(new Error(`${code}: ${syscall}`), { errno: -errno, code, syscall });
};

/** libuv has no name for some codes, such as ENOEXEC. */
const errorName = (errno: number): string => {
  const name = getSystemErrorName(-errno);
  if (!name.startsWith('Unknown')) return name;
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? name;
};

/** Returns the result of a call, or throws its error. */
export const orThrow = (syscall: string, result: number): number => {
  if (result < 0) throw nativeError(syscall);
  return result;
};

const bind = (): Libc => {
  requireLinux();
  const { load, errno } = koffi();
  const library = load(null);
  const functions = Object.entries(signatures).map(([name, [result, ...parameters]]) => {
    return [name, library.func(name, result, parameters)];
  });
  return { ...(Object.fromEntries(functions) as Omit<Libc, 'errno'>), errno };
};
