/**
 * Moves bytes into a pipe inside the kernel: pages change hands, and JavaScript never sees them.
 *
 * It works on descriptors of its own, so that the caller may close his at any time; a writer's end therefore stays open
 * until the stream is over. It sets no flags, so either pipe may be shared with a process that wants it blocking.
 */
import { closeSync, constants, fstatSync, type Stats } from 'node:fs';
import { libc } from '../call/libc.js';
import { isMaster } from '../descriptor/adopt.js';
import { duplicate } from '../descriptor/duplicate.js';
import { readable } from '../descriptor/readable.js';
import { forget, whenReady } from '../descriptor/readiness.js';
import { withinTurn } from '../descriptor/turn.js';
import { growBusyPipes } from '../pipe/busy-pipe.js';
import type { MoveError, MoveSide } from './mover.js';
import { PAUSE, pace } from './pace.js';
import { debt, type StartMove } from './running-move.js';

const SPLICE_F_MOVE = 1;
const SPLICE_F_NONBLOCK = 2;
const F_GETFL = 3;
const [EINTR, EIO, EAGAIN, EPIPE] = [4, 5, 11, 32];
const [POLLIN, POLLOUT] = [0x1, 0x4];
const MAX = 1024 * 1024;
const SMALL = 16 * 1024;
/** A terminal gives at most a page at a time, however much it holds. */
const SMALL_OF_TERMINAL = 1024;

/** A page that changes hands costs about this much of one that is copied. */
const COST = 1 / 8;

/** /dev/null takes pages and drops them. */
const isNull = ({ rdev }: Stats): boolean => rdev === 0x103;

export const isSpliceable = (fromFd: number, toFd: number): boolean => {
  const [from, to] = [fstatSync(fromFd), fstatSync(toFd)];
  if (!from.isFIFO() && !isMaster(from)) return false;
  return (to.isFIFO() && (from.ino !== to.ino || from.dev !== to.dev)) || isNull(to);
};

export const splice: StartMove = (ends, onEvent) => {
  const [from, to] = duplicateBoth(ends.from, ends.to);
  const fromMaster = isMaster(fstatSync(from));
  const grow = growBusyPipes(...(fromMaster ? [to] : [from, to]));
  const owed = debt(() => onEvent({ type: 'settled' }));
  const pieces = pace(fromMaster ? SMALL_OF_TERMINAL : SMALL);
  let moved = 0;
  let open = true;
  let side: MoveSide = 'source';
  let pausing: NodeJS.Timeout | undefined;

  const report = () => ({ moved, dropped: 0, side });

  const stop = (): void => {
    if (!open) return;
    open = false;
    clearTimeout(pausing);
    for (const fd of [from, to]) {
      forget(fd);
      closeSync(fd);
    }
  };

  const end = (error?: MoveError): void => {
    stop();
    onEvent({ type: 'ended', ...report(), ...(error && { error }) });
  };

  const step = (): void => {
    while (open) {
      const length = libc().splice(from, null, to, null, MAX, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      const errno = length < 0 ? libc().errno() : 0;
      if (errno === EAGAIN || errno === EINTR) return waitForEither();
      // A terminal says so when the last process that had it open is gone.
      if (length === 0 || (errno === EIO && fromMaster)) return end();
      if (errno !== 0) {
        side = errno === EPIPE ? 'target' : 'source';
        return end({ side, syscall: 'splice', errno });
      }
      moved += length;
      grow(length);
      owed.paid(moved);
      if (pieces.moved(length) && grow.now()) return pause();
      if (!withinTurn(length * COST)) return later();
    }
  };

  const later = (): void => void setImmediate(step);

  const pause = (): void => {
    pausing = setTimeout(step, PAUSE);
  };

  /** The kernel says "not now" for an empty pipe and for a full one alike. */
  const waitForEither = (): void => {
    const polled = Int32Array.of(from, POLLIN, to, POLLOUT);
    libc().poll(polled, 2, 0);
    if (polled[1]! >>> 16 === 0) {
      pieces.idle();
      return wait(from, 'read');
    }
    if (polled[3]! >>> 16 === 0) return wait(to, 'write');
    later();
  };

  const wait = (fd: number, direction: 'read' | 'write'): void => {
    side = direction === 'read' ? 'source' : 'target';
    if (!whenReady(fd, direction, step)) later();
  };

  // A FIFO opened without waiting for a writer says "end" until the first one comes; waiting tells the two apart.
  if ((libc().fcntl(from, F_GETFL, 'int', 0) & constants.O_NONBLOCK) !== 0) wait(from, 'read');
  else later();
  return {
    report,
    settle: () => owed.owe(moved + readable(from), moved),
    stop,
  };
};

const duplicateBoth = (fromFd: number, toFd: number): [from: number, to: number] => {
  const from = duplicate(fromFd);
  try {
    return [from, duplicate(toFd)];
  } catch (error) {
    closeSync(from);
    throw error;
  }
};
