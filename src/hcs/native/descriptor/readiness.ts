/**
 * Waits on the event loop until a descriptor is readable or writable, without a thread and without changing its flags.
 *
 * One epoll instance holds all descriptors, and libuv watches only that one: a wait costs one or two system calls, an
 * idle descriptor some hundred bytes of kernel memory. (libuv's own watchers would set O_NONBLOCK on an open file that
 * a child may share.) Readiness is a hint: the caller tries, and waits again if needed.
 *
 * A pending wait keeps Node alive; a registered descriptor without one does not.
 */
import { closeSync } from 'node:fs';
import { koffi, type PollHandle } from '../call/koffi.js';
import { libc, nativeError } from '../call/libc.js';
import { openedOrThrow } from './of-this-thread.js';

export type Direction = 'read' | 'write';

type Waiting = Record<Direction, (() => void) | undefined>;

interface Hub {
  readonly epoll: number;
  readonly handle: PollHandle;
}

const EPOLL_CLOEXEC = 0o2000000;
const [EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD] = [1, 2, 3];
const [EPOLLIN, EPOLLOUT, EPOLLONESHOT] = [0x1, 0x4, 1 << 30];
const EPERM = 1;

// struct epoll_event is packed on x86: four bytes of events, then eight of data, of which the first four hold the fd.
const DATA_AT = process.arch === 'x64' || process.arch === 'ia32' ? 4 : 8;
const EVENT_SIZE = DATA_AT + 8;
const BATCH = 64;

const waitingOn = new Map<number, Waiting>();
let waits = 0;
let hub: Hub | undefined;
let collecting = false;

/**
 * Calls back once, from a later turn of the event loop, when `fd` is ready or broken. One wait per direction.
 * Returns false, and will not call back, where there is nothing to wait for: files and some devices are always ready.
 */
export const whenReady = (fd: number, direction: Direction, callback: () => void): boolean => {
  const { epoll, handle } = theHub();
  const known = waitingOn.get(fd);
  const waiting = known ?? { read: undefined, write: undefined };
  const another = waiting[direction] === undefined;
  waiting[direction] = callback;
  if (!arm(epoll, fd, waiting, known === undefined ? EPOLL_CTL_ADD : EPOLL_CTL_MOD)) return false;
  if (known === undefined) waitingOn.set(fd, waiting);
  if (another && waits++ === 0) handle.ref();
  return true;
};

/** Ends all waits for `fd`, without calling back. To be done before it is closed: epoll would remember the file. */
export const forget = (fd: number): void => {
  const waiting = waitingOn.get(fd);
  if (waiting === undefined) return;
  libc().epoll_ctl(theHub().epoll, EPOLL_CTL_DEL, fd, null);
  waitingOn.delete(fd);
  take(waiting, 'read');
  take(waiting, 'write');
};

const take = (waiting: Waiting, direction: Direction): (() => void) | undefined => {
  const callback = waiting[direction];
  waiting[direction] = undefined;
  if (callback !== undefined && --waits === 0) theHub().handle.unref();
  return callback;
};

const event = new DataView(new ArrayBuffer(EVENT_SIZE));
const eventBytes = new Uint8Array(event.buffer);

const arm = (epoll: number, fd: number, { read, write }: Waiting, operation: number): boolean => {
  event.setUint32(0, (read ? EPOLLIN : 0) | (write ? EPOLLOUT : 0) | EPOLLONESHOT, true);
  event.setInt32(DATA_AT, fd, true);
  if (libc().epoll_ctl(epoll, operation, fd, eventBytes) === 0) return true;
  const errno = libc().errno();
  if (errno === EPERM) return false;
  throw nativeError('epoll_ctl', errno);
};

const theHub = (): Hub => {
  hub ??= openHub();
  return hub;
};

const openHub = (): Hub => {
  const epoll = openedOrThrow('epoll_create1', libc().epoll_create1(EPOLL_CLOEXEC));
  try {
    // The callback runs outside of any turn that Node knows: errors thrown there vanish, and promises settle late. An
    // immediate follows in the same iteration of the loop and has neither fault.
    const handle = koffi().node.poll(epoll, { readable: true }, () => {
      if (!collecting) setImmediate(collect);
      collecting = true;
    });
    handle.unref();
    return { epoll, handle };
  } catch (error) {
    closeSync(epoll);
    throw error;
  }
};

const found = new DataView(new ArrayBuffer(EVENT_SIZE * BATCH));
const foundBytes = new Uint8Array(found.buffer);

const collect = (): void => {
  collecting = false;
  const count = libc().epoll_wait(theHub().epoll, foundBytes, BATCH, 0);
  for (let at = 0; at < count * EVENT_SIZE; at += EVENT_SIZE) {
    const waiting = waitingOn.get(found.getInt32(at + DATA_AT, true));
    if (waiting === undefined) continue;
    // An event disarms the descriptor for both directions, so both are called back: readiness is a hint.
    const callbacks = [take(waiting, 'read'), take(waiting, 'write')];
    for (const callback of callbacks) {
      try {
        callback?.();
      } catch (error) {
        // The later ones are disarmed by now and would never be called. The error is uncaught, as in any callback.
        process.nextTick(rethrow, error);
      }
    }
  }
};

const rethrow = (error: unknown): never => {
  throw error;
};
