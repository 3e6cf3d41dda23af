/**
 * Waits on the event loop until a descriptor can be read or written, without a thread and without touching its flags.
 *
 * One epoll instance holds all descriptors, and libuv watches only that one: a wait costs one or two system calls, an
 * idle descriptor some hundred bytes of the kernel's memory. (libuv's own watchers would each set O_NONBLOCK, on an
 * open file that a child may share.) Being ready is a hint: whoever waits tries, and waits again.
 *
 * While somebody waits, Node stays alive; a descriptor on which nobody waits does not keep it so.
 */
import { closeSync } from 'node:fs';
import { koffi, type PollHandle } from './koffi.js';
import { libc, nativeError, orThrow } from './libc.js';

export type Direction = 'read' | 'write';

interface Waiting {
  read: (() => void) | undefined;
  write: (() => void) | undefined;
}

const EPOLL_CLOEXEC = 0o2000000;
const [ADD, DELETE, MODIFY] = [1, 2, 3];
const [IN, OUT, ERR, HUP, ONESHOT] = [0x1, 0x4, 0x8, 0x10, 1 << 30];

// struct epoll_event is packed on x86: four bytes of events, then eight of data, of which the first four hold the fd.
const DATA_AT = process.arch === 'x64' || process.arch === 'ia32' ? 4 : 8;
const EVENT_SIZE = DATA_AT + 8;
const BATCH = 64;

const waitingOn = new Map<number, Waiting>();
let waits = 0;
let hub: { readonly epoll: number; readonly handle: PollHandle; readonly events: DataView } | undefined;
let collecting = false;

/**
 * Calls back once, from a later turn of the event loop, when `fd` is ready or broken. One wait per direction.
 * Returns false, and will not call back, where there is nothing to wait for: files and some devices are always ready.
 */
export const whenReady = (fd: number, direction: Direction, callback: () => void): boolean => {
  const known = waitingOn.get(fd);
  const waiting = known ?? { read: undefined, write: undefined };
  if (waiting[direction] === undefined) count(+1);
  waiting[direction] = callback;
  if (arm(fd, waiting, known === undefined ? ADD : MODIFY)) {
    if (known === undefined) waitingOn.set(fd, waiting);
    return true;
  }
  waiting[direction] = undefined;
  count(-1);
  return false;
};

/** Ends all waits for `fd`, without calling back. To be done before it is closed: epoll would remember the file. */
export const forget = (fd: number): void => {
  const waiting = waitingOn.get(fd);
  if (waiting === undefined || hub === undefined) return;
  waitingOn.delete(fd);
  libc().epoll_ctl(hub.epoll, DELETE, fd, null);
  count(-Number(waiting.read !== undefined) - Number(waiting.write !== undefined));
};

const scratch = new DataView(new ArrayBuffer(EVENT_SIZE));
const scratchBytes = new Uint8Array(scratch.buffer);

const arm = (fd: number, { read, write }: Waiting, operation: number): boolean => {
  const { epoll } = (hub ??= open());
  scratch.setUint32(0, (read === undefined ? 0 : IN) | (write === undefined ? 0 : OUT) | ONESHOT, true);
  scratch.setInt32(DATA_AT, fd, true);
  if (libc().epoll_ctl(epoll, operation, fd, scratchBytes) === 0) return true;
  const errno = libc().errno();
  if (errno === EPERM) return false;
  throw nativeError('epoll_ctl', errno);
};

const EPERM = 1;

const count = (change: number): void => {
  const before = waits;
  waits += change;
  if (before === 0 && waits > 0) (hub ??= open()).handle.ref();
  if (before > 0 && waits === 0) hub?.handle.unref();
};

const open = (): NonNullable<typeof hub> => {
  const epoll = orThrow('epoll_create1', libc().epoll_create1(EPOLL_CLOEXEC));
  try {
    // The callback runs outside of any turn that Node knows: errors thrown there vanish, and promises settle late. An
    // immediate follows in the same iteration of the loop and has neither fault.
    const handle = koffi().node.poll(epoll, { readable: true }, () => {
      if (collecting) return;
      collecting = true;
      setImmediate(collect);
    });
    return { epoll, handle, events: new DataView(new ArrayBuffer(EVENT_SIZE * BATCH)) };
  } catch (error) {
    closeSync(epoll);
    throw error;
  }
};

const collect = (): void => {
  collecting = false;
  if (hub === undefined) return;
  const { epoll, events } = hub;
  const found = libc().epoll_wait(epoll, new Uint8Array(events.buffer), BATCH, 0);
  for (let at = 0; at < found * EVENT_SIZE; at += EVENT_SIZE) {
    wake(events.getInt32(at + DATA_AT, true), events.getUint32(at, true));
  }
};

const wake = (fd: number, events: number): void => {
  const waiting = waitingOn.get(fd);
  if (waiting === undefined) return;
  const { read, write } = waiting;
  const reads = read !== undefined && (events & (IN | HUP | ERR)) !== 0;
  const writes = write !== undefined && (events & (OUT | HUP | ERR)) !== 0;
  if (reads) waiting.read = undefined;
  if (writes) waiting.write = undefined;
  // One report disarms both directions: the other one is armed again before anything is called that may close the fd.
  if (waiting.read !== undefined || waiting.write !== undefined) arm(fd, waiting, MODIFY);
  count(-Number(reads) - Number(writes));
  if (reads) read();
  if (writes) write();
};
