/**
 * Moves bytes from pipe to pipe inside the kernel: pages change hands, and JavaScript never sees them.
 *
 * It works on descriptors of its own, so that the caller may close his at any time; a writer's end therefore stays open
 * until the move is done or cut. It sets no flags, so either pipe may be shared with a process that wants it blocking.
 */
import { closeSync, constants, fstatSync, type Stats } from 'node:fs';
import { libc, nativeError } from '../call/libc.js';
import { duplicate } from '../descriptor/duplicate.js';
import { forget, whenReady } from '../descriptor/readiness.js';
import { withinTurn } from '../descriptor/turn.js';
import { growBusyPipes } from './busy-pipe.js';

/** Bytes on their way from one descriptor to another. Both descriptors stay the caller's. */
export interface Move {
  /** How many bytes have gone over so far. */
  readonly bytes: () => number;
  /** Settles with their number at end of file or after `cut`; rejects, as with EPIPE, when the kernel reports so. */
  readonly done: Promise<number>;
  /** Which pipe is waited for, or is at fault where `done` has rejected: the one that bytes come from, or the other. */
  side(): 'source' | 'sink';
  /** Ends the move where it is. Bytes that have not gone over stay in the pipe they came by. */
  cut(): void;
}

const SPLICE_F_MOVE = 1;
const SPLICE_F_NONBLOCK = 2;
const F_GETFL = 3;
const [EINTR, EAGAIN, EPIPE] = [4, 11, 32];
const [POLLIN, POLLOUT] = [0x1, 0x4];
const MOST = 1024 * 1024;

/** A page that changes hands costs about this much of one that is copied. */
const COST = 1 / 8;

/**
 * Starts to move all that comes out of `fromFd` into `toFd`; `onMoved` is called after each piece with the number so far. Returns `undefined`, having done nothing, when they are not
 * two different pipes or FIFOs: copy then.
 *
 * @example const bytes = await moveBytes(stdout.read, fifo)?.done;
 */
export const moveBytes = (
  fromFd: number,
  toFd: number,
  onMoved: (bytes: number) => void = () => undefined,
): Move | undefined => {
  if (!spliceable(fstatSync(fromFd), fstatSync(toFd))) return undefined;
  const [from, to] = duplicateBoth(fromFd, toFd);
  let moved = 0;
  let ended = false;
  let side: 'source' | 'sink' = 'source';
  const grow = growBusyPipes(from, to);
  let settle!: { resolve(bytes: number): void; reject(error: unknown): void };
  const done = new Promise<number>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever cuts a move need not care how it ends.
  done.catch(() => undefined);

  const end = (error?: unknown): void => {
    if (ended) return;
    ended = true;
    for (const fd of [from, to]) {
      forget(fd);
      closeSync(fd);
    }
    if (error === undefined) settle.resolve(moved);
    else settle.reject(error);
  };

  const step = (): void => {
    while (!ended) {
      const length = libc().splice(from, null, to, null, MOST, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      const errno = length < 0 ? libc().errno() : 0;
      if (errno === EAGAIN || errno === EINTR) return waitForEither();
      if (errno !== 0) {
        side = errno === EPIPE ? 'sink' : 'source';
        return end(nativeError('splice', errno));
      }
      if (length === 0) return end();
      moved += length;
      onMoved(moved);
      grow(length);
      if (!withinTurn(length * COST)) return later();
    }
  };

  const later = (): void => void setImmediate(step);

  /** The kernel says "not now" for an empty pipe and for a full one alike. */
  const waitForEither = (): void => {
    const ends = Int32Array.of(from, POLLIN, to, POLLOUT);
    libc().poll(ends, 2, 0);
    if (ends[1]! >>> 16 === 0) return wait(from, 'read');
    if (ends[3]! >>> 16 === 0) return wait(to, 'write');
    later();
  };

  const wait = (fd: number, direction: 'read' | 'write'): void => {
    side = direction === 'read' ? 'source' : 'sink';
    if (!whenReady(fd, direction, step)) later();
  };

  // A FIFO opened without waiting for a writer says "end" until the first one comes; waiting tells the two apart.
  if ((libc().fcntl(from, F_GETFL, 'int', 0) & constants.O_NONBLOCK) !== 0) wait(from, 'read');
  else step();
  return { bytes: () => moved, done, side: () => side, cut: () => end() };
};

const spliceable = (from: Stats, to: Stats): boolean =>
  from.isFIFO() && to.isFIFO() && (from.ino !== to.ino || from.dev !== to.dev);

const duplicateBoth = (fromFd: number, toFd: number): [from: number, to: number] => {
  const from = duplicate(fromFd);
  try {
    return [from, duplicate(toFd)];
  } catch (error) {
    closeSync(from);
    throw error;
  }
};
