/**
 * Moves bytes into a file. They are copied, since the kernel does not splice into a file that is appended to.
 *
 * A quiet stream is read here and written by a thread of the pool. A stream that is busy, or that finds no thread because
 * disks hang, gets a process, which copies without a wake-up for each piece. When idle again, it is read here as before.
 */
import type { Stats } from 'node:fs';
import { libc, nativeError } from '../call/libc.js';
import { adopt, isMaster } from '../descriptor/adopt.js';
import { borrowBuffer, returnBuffer } from '../descriptor/buffers.js';
import { duplicate } from '../descriptor/duplicate.js';
import { readable } from '../descriptor/readable.js';
import { forget, whenReady } from '../descriptor/readiness.js';
import { growBusyPipes } from '../pipe/busy-pipe.js';
import { type CopyEnd, type CopyProcess, copyProcess, PIECE } from './copy-process.js';
import { fileWriter } from './file-writer.js';
import type { MoveError, MoveSide } from './mover.js';
import { PAUSE, pace } from './pace.js';
import { isThreadFree, whenThreadFree } from './pool-writes.js';
import { debt, type StartMove } from './running-move.js';

const [EINTR, EIO, EAGAIN] = [4, 5, 11];
/** A write by another thread costs more than a splice. */
const SMALL = 64 * 1024;

/** A stream is busy when so many bytes come within so many milliseconds. */
const [BUSY, BUSY_WITHIN] = [256 * 1024, 500];
/** How long to wait for a thread of the pool, in milliseconds. */
const STARVED = 250;

export const isCopiedToFile = (from: Stats, to: Stats): boolean =>
  (from.isFIFO() || isMaster(from)) && to.isFile();

export const copyToFile: StartMove = (ends, onEvent) => {
  const from = adopt(duplicate(ends.from));
  let to: number;
  try {
    to = duplicate(ends.to);
  } catch (error) {
    from.close();
    throw error;
  }
  const grow = growBusyPipes(...(from.kind === 'pipe' ? [from.fd] : []));
  const writer = fileWriter(to, onEvent);
  const pieces = pace(SMALL);
  let moved = 0;
  /** Read, and not yet written or dropped. */
  let held = 0;
  let open = true;
  let sourceEnded = false;
  let settling = false;
  let pausing: NodeJS.Timeout | undefined;
  let stopQueuing: (() => void) | undefined;
  let busySince = { at: performance.now(), moved: 0 };
  let copying: CopyProcess | undefined;
  let mayHaveProcess = from.kind === 'pipe';

  const settled = (): void => {
    settling = false;
    onEvent({ type: 'settled' });
  };
  const owed = debt(settled);

  const settle = (): void => {
    settling = true;
    if (copying !== undefined) copying.settle();
    else owed.owe(moved + held + (sourceEnded ? 0 : readable(from.fd)), moved);
  };

  const report = () => ({
    moved: moved + (copying?.moved() ?? 0),
    dropped: writer.dropped,
    side: (writer.writing || copying?.writing() === true ? 'target' : 'source') as MoveSide,
  });

  const stop = (): void => {
    if (!open) return;
    open = false;
    clearTimeout(pausing);
    stopQueuing?.();
    copying?.stop();
    forget(from.fd);
    from.close();
    writer.close();
  };

  const end = (error?: MoveError): void => {
    const last = report();
    stop();
    onEvent({ type: 'ended', ...last, ...(error && { error }) });
  };

  const readFailed = (errno: number): void => end({ side: 'source', syscall: 'read', errno });

  const step = (): void => {
    if (!open || copying !== undefined || held > 0) return;
    stopQueuing?.();
    if (!isThreadFree()) return queue();
    const buffer = borrowBuffer();
    const length = libc().read(from.fd, buffer, buffer.length);
    if (length > 0) {
      held = length;
      return writer.take(buffer.subarray(0, length), () => took(buffer, length));
    }
    const errno = length < 0 ? libc().errno() : 0;
    returnBuffer(buffer);
    if (errno === EAGAIN || errno === EINTR) {
      pieces.idle();
      return wait();
    }
    sourceEnded = true;
    // A terminal says so when the last process that had it open is gone.
    if (errno !== 0 && !(errno === EIO && from.kind === 'master')) return readFailed(errno);
    writer.finish(() => end());
  };

  const wait = (): void => {
    if (!whenReady(from.fd, 'read', step)) setImmediate(step);
  };

  const queue = (): void => {
    const leave = whenThreadFree(step);
    const starving = setTimeout(handOver, STARVED);
    stopQueuing = () => {
      leave();
      clearTimeout(starving);
      stopQueuing = undefined;
    };
  };

  const took = (buffer: Uint8Array, length: number): void => {
    returnBuffer(buffer);
    moved += length;
    held = 0;
    owed.paid(moved);
    if (!open || (isBusy() && handOver())) return;
    if (pieces.moved(length) && grow.now()) pausing = setTimeout(step, PAUSE);
    else step();
  };

  const isBusy = (): boolean => {
    const at = performance.now();
    if (at - busySince.at <= BUSY_WITHIN) return moved - busySince.moved >= BUSY;
    busySince = { at, moved };
    return false;
  };

  /** Returns whether a process copies from now on. */
  const handOver = (): boolean => {
    if (!mayHaveProcess || writer.full) return false;
    copying = copyProcess({ from: from.fd, to }, { settled, ended: takeBack });
    mayHaveProcess = copying !== undefined;
    if (copying === undefined) return false;
    stopQueuing?.();
    if (settling) copying.settle();
    return true;
  };

  const takeBack = ({ reason, errno, dropped, lineEnded }: CopyEnd): void => {
    moved += copying?.moved() ?? 0;
    copying = undefined;
    busySince = { at: performance.now(), moved };
    writer.lineEnded = lineEnded ?? writer.lineEnded;
    if (reason === 'unreadable') return readFailed(errno);
    if (reason === 'ended') return end();
    if (reason === 'unwritable') writer.drop(dropped, nativeError('write', errno).code ?? 'EIO');
    if (reason === 'killed') {
      // Another might end the same way.
      mayHaveProcess = false;
      onEvent({ type: 'uncertain', bytes: PIECE });
      if (!open) return;
    }
    if (settling) settle();
    if (reason === 'idle') wait();
    else step();
  };

  if (from.mayAwaitWriter) wait();
  else setImmediate(step);
  return { report, settle, stop };
};
