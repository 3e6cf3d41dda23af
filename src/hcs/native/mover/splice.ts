/**
 * Moves bytes into a pipe inside the kernel: pages change hands, and JavaScript never sees them.
 *
 * It works on descriptors of its own, so that the caller may close his at any time; a writer's end therefore stays open
 * until the stream is over. It sets no flags, so either pipe may be shared with a process that wants it blocking.
 */
import { closeSync, constants, type Stats } from 'node:fs';
import { libc } from '../call/libc.js';
import { isMaster } from '../descriptor/adopt.js';
import { duplicate } from '../descriptor/duplicate.js';
import { readable } from '../descriptor/readable.js';
import { forget, whenReady } from '../descriptor/readiness.js';
import { withinTurn } from '../descriptor/turn.js';
import { type GrowPipes, growBusyPipes } from '../pipe/busy-pipe.js';
import type { MoveEnds, MoveError, MoveEvent, MoveReport, MoveSide } from './mover.js';
import { PAUSE, type Pace, pace } from './pace.js';
import { type Debt, debt, type RunningMove, type StartMove } from './running-move.js';

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

export const isSpliceable = (from: Stats, to: Stats): boolean => {
  if (!from.isFIFO() && !isMaster(from)) return false;
  return (to.isFIFO() && (from.ino !== to.ino || from.dev !== to.dev)) || isNull(to);
};

export const splicePipe: StartMove = (ends, onEvent) => new Splice(ends, onEvent, false);

export const spliceTerminal: StartMove = (ends, onEvent) => new Splice(ends, onEvent, true);

// A class, because each exec has up to three of these: one object, with methods on a prototype.
class Splice implements RunningMove {
  readonly #from: number;
  readonly #to: number;
  readonly #fromMaster: boolean;
  readonly #onEvent: (event: MoveEvent) => void;
  readonly #grow: GrowPipes;
  readonly #owed: Debt;
  readonly #pieces: Pace;
  #moved = 0;
  #open = true;
  #side: MoveSide = 'source';
  #pausing: NodeJS.Timeout | undefined;

  constructor(ends: MoveEnds, onEvent: (event: MoveEvent) => void, fromMaster: boolean) {
    const [from, to] = duplicateBoth(ends.from, ends.to);
    this.#from = from;
    this.#to = to;
    this.#fromMaster = fromMaster;
    this.#onEvent = onEvent;
    this.#grow = fromMaster ? growBusyPipes(to) : growBusyPipes(from, to);
    this.#owed = debt(() => onEvent({ type: 'settled' }));
    this.#pieces = pace(fromMaster ? SMALL_OF_TERMINAL : SMALL);
    // A FIFO opened without waiting for a writer says "end" until the first one comes; waiting tells the two apart.
    if ((libc().fcntl(from, F_GETFL, 'int', 0) & constants.O_NONBLOCK) !== 0) this.#wait(from, 'read');
    else setImmediate(this.#step);
  }

  report(): MoveReport {
    return { moved: this.#moved, dropped: 0, side: this.#side };
  }

  settle(): void {
    this.#owed.owe(this.#moved + readable(this.#from), this.#moved);
  }

  stop(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#pausing);
    for (const fd of [this.#from, this.#to]) {
      forget(fd);
      closeSync(fd);
    }
  }

  #end(error?: MoveError): void {
    this.stop();
    this.#onEvent({ type: 'ended', ...this.report(), ...(error && { error }) });
  }

  readonly #step = (): void => {
    while (this.#open) {
      const length = libc().splice(this.#from, null, this.#to, null, MAX, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      const errno = length < 0 ? libc().errno() : 0;
      if (errno === EAGAIN || errno === EINTR) return this.#waitForEither();
      // A terminal says so when the last process that had it open is gone.
      if (length === 0 || (errno === EIO && this.#fromMaster)) return this.#end();
      if (errno !== 0) {
        this.#side = errno === EPIPE ? 'target' : 'source';
        return this.#end({ side: this.#side, syscall: 'splice', errno });
      }
      this.#moved += length;
      this.#grow(length);
      this.#owed.paid(this.#moved);
      if (this.#pieces.moved(length) && this.#grow.now()) return this.#pause();
      if (!withinTurn(length * COST)) return void setImmediate(this.#step);
    }
  };

  #pause(): void {
    this.#pausing = setTimeout(this.#step, PAUSE);
  }

  /** The kernel says "not now" for an empty pipe and for a full one alike. */
  #waitForEither(): void {
    polled.set([this.#from, POLLIN, this.#to, POLLOUT]);
    libc().poll(polled, 2, 0);
    if (polled[1]! >>> 16 === 0) {
      this.#pieces.idle();
      return this.#wait(this.#from, 'read');
    }
    if (polled[3]! >>> 16 === 0) return this.#wait(this.#to, 'write');
    setImmediate(this.#step);
  }

  #wait(fd: number, direction: 'read' | 'write'): void {
    this.#side = direction === 'read' ? 'source' : 'target';
    if (!whenReady(fd, direction, this.#step)) setImmediate(this.#step);
  }
}

// One for all calls: for an array that a native call gets, V8 makes a buffer outside of its heap.
const polled = new Int32Array(4);

const duplicateBoth = (fromFd: number, toFd: number): [from: number, to: number] => {
  const from = duplicate(fromFd);
  try {
    return [from, duplicate(toFd)];
  } catch (error) {
    closeSync(from);
    throw error;
  }
};
