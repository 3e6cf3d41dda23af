/**
 * Unix stream sockets as plain descriptors.
 *
 * A connection that carries one stream of one process lives for milliseconds: a `net.Socket` for it costs several times
 * the system calls that it makes. Nothing here blocks, and waiting is done by `readiness.ts`.
 */
import { closeSync } from 'node:fs';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { libc, nativeError, orThrow } from '../call/libc.js';
import { requireLinux } from '../call/runtime.js';
import { openedOrThrow } from '../descriptor/of-this-thread.js';

const AF_UNIX = 1;
const [SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC] = [1, 0o4000, 0o2000000];
const SHUT_WR = 1;
const MSG_DONTWAIT = 0x40;
const [EAGAIN, ENAMETOOLONG] = [11, 36];

/** A `struct sockaddr_un`: the family, then the path. */
const sizeOfAddress = 110;
/** With a final NUL. */
const longestPath = sizeOfAddress - 3;

/** A listening socket at the path. @throws an error with the `code` of the failed call. */
export const listenAt = (path: string, backlog: number): number => {
  const at = addressOf(path);
  return opened((fd) => {
    orThrow('bind', native().bind(fd, at, sizeOfAddress));
    orThrow('listen', native().listen(fd, backlog));
  });
};

/** The next connection of a listening socket; `undefined` if none is waiting. */
export const acceptFrom = (listener: number): number | undefined => {
  const fd = native().accept4(listener, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0 && libc().errno() === EAGAIN) return undefined;
  return openedOrThrow('accept', fd);
};

/** A connection to the socket at the path: it is connected at once. @throws an error with a `code`. */
export const connectTo = (path: string): number => {
  const to = addressOf(path);
  return opened((fd) => void orThrow('connect', native().connect(fd, to, sizeOfAddress)));
};

/** Sends the end of the stream. The other direction stays open. */
export const shutDownOutput = (fd: number): void => void orThrow('shutdown', native().shutdown(fd, SHUT_WR));

const discarded = Buffer.alloc(4_096);

/** Whether the other side has closed, or the connection has failed. Bytes that it has sent are discarded. */
export const hasPeerClosed = (fd: number): boolean => {
  for (;;) {
    const length = libc().recv(fd, discarded, discarded.length, MSG_DONTWAIT);
    if (length > 0) continue;
    return length === 0 || libc().errno() !== EAGAIN;
  }
};

const opened = (prepare: (fd: number) => void): number => {
  const fd = openedOrThrow('socket', native().socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  try {
    prepare(fd);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
};

const addressOf = (path: string): Uint8Array => {
  const address = Buffer.alloc(sizeOfAddress);
  new Uint16Array(address.buffer, address.byteOffset, 1)[0] = AF_UNIX;
  if (Buffer.byteLength(path) > longestPath) throw nativeError('bind', ENAMETOOLONG);
  address.write(path, 2);
  return address;
};

const signatures = {
  socket: ['int', 'int', 'int', 'int'],
  bind: ['int', 'int', 'void *', 'uint'],
  listen: ['int', 'int', 'int'],
  accept4: ['int', 'int', 'void *', 'void *', 'int'],
  connect: ['int', 'int', 'void *', 'uint'],
  shutdown: ['int', 'int', 'int'],
} as const;

let bound: Readonly<Record<keyof typeof signatures, NativeFunction>> | undefined;

const native = () => (bound ??= bind());

const bind = () => {
  requireLinux();
  const library = koffi().load(null);
  const functions = Object.entries(signatures).map(([name, [result, ...parameters]]) => {
    return [name, library.func(name, result, parameters)];
  });
  return Object.fromEntries(functions) as NonNullable<typeof bound>;
};
