/**
 * Moves bytes into a file: they are read here, since the kernel does not splice into a file that is appended to, and written
 * by a thread of the pool, since a disk may be slow.
 *
 * A program whose log is full goes on: what the file does not take is dropped and counted, and the file says so itself
 * when it has room again.
 */
import { closeSync, fstatSync, write } from 'node:fs';
import { libc } from '../call/libc.js';
import { adopt, isMaster } from '../descriptor/adopt.js';
import { borrowBuffer, returnBuffer } from '../descriptor/buffers.js';
import { duplicate } from '../descriptor/duplicate.js';
import { readable } from '../descriptor/readable.js';
import { forget, whenReady } from '../descriptor/readiness.js';
import { withinTurn } from '../descriptor/turn.js';
import { growBusyPipes } from '../pipe/busy-pipe.js';
import type { MoveError } from './mover.js';
import { PAUSE, pace } from './pace.js';
import { debt, type StartMove } from './running-move.js';

const [EINTR, EIO, EAGAIN] = [4, 5, 11];
const NEWLINE = 0x0a;
/** A write by another thread costs more than a splice. */
const SMALL = 64 * 1024;

export const isCopiedToFile = (fromFd: number, toFd: number): boolean => {
  const from = fstatSync(fromFd);
  return (from.isFIFO() || isMaster(from)) && fstatSync(toFd).isFile();
};

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
  const owed = debt(() => onEvent({ type: 'settled' }));
  const pieces = pace(SMALL);
  let moved = 0;
  let dropped = 0;
  let open = true;
  let writing = false;
  /** Read, and not yet written or dropped. */
  let held = 0;
  let sourceEnded = false;
  let pausing: NodeJS.Timeout | undefined;
  /** Since when the file takes no more: what was dropped, and why. */
  let full: { bytes: number; readonly code: string } | undefined;
  let lineEnded = true;
  /** What is read while a write is under way. */
  let ahead: { readonly buffer: Uint8Array; readonly length: number } | undefined;

  const report = () => ({ moved, dropped, side: writing ? ('target' as const) : ('source' as const) });

  const stop = (): void => {
    if (!open) return;
    open = false;
    clearTimeout(pausing);
    forget(from.fd);
    from.close();
    if (ahead !== undefined) returnBuffer(ahead.buffer);
    // A number that is closed under a writing thread may be another file's when it gets to write.
    if (!writing) closeSync(to);
  };

  const end = (error?: MoveError): void => {
    const was = full;
    stop();
    if (was !== undefined) onEvent({ type: 'dropped', bytes: was.bytes, code: was.code });
    onEvent({ type: 'ended', ...report(), ...(error && { error }) });
  };

  /** Reads what is there. */
  const read = (): { readonly buffer: Uint8Array; readonly length: number } | undefined => {
    const buffer = borrowBuffer();
    const length = libc().read(from.fd, buffer, buffer.length);
    if (length > 0) {
      held += length;
      grow(length);
      return { buffer, length };
    }
    const errno = length < 0 ? libc().errno() : 0;
    returnBuffer(buffer);
    if (errno === EAGAIN || errno === EINTR) return undefined;
    sourceEnded = true;
    if (errno !== 0 && !(errno === EIO && from.kind === 'master'))
      end({ side: 'source', syscall: 'read', errno });
    return undefined;
  };

  const step = (): void => {
    if (!open || writing) return;
    const piece = ahead ?? read();
    ahead = undefined;
    if (!open) return;
    if (piece !== undefined) return writePiece(piece.buffer, piece.length);
    if (!sourceEnded) {
      pieces.idle();
      return wait();
    }
    if (full === undefined) return end();
    // The last chance to say what is missing.
    note(full, () => end());
  };

  const wait = (): void => {
    if (!whenReady(from.fd, 'read', step)) setImmediate(step);
  };

  const writePiece = (buffer: Uint8Array, length: number): void => {
    const was = full;
    if (was !== undefined) {
      note(was, (hasRoom) => {
        if (hasRoom) writeAll(buffer, 0, length);
        else drop(buffer, length, was.code, length);
      });
    } else writeAll(buffer, 0, length);
  };

  const writeAll = (buffer: Uint8Array, start: number, length: number): void => {
    inPool(buffer, start, length - start, (error, written) => {
      const at = start + written;
      if (written > 0) lineEnded = buffer[at - 1] === NEWLINE;
      if (error !== null) return drop(buffer, length - at, error.code ?? 'EIO', length);
      if (at < length) return writeAll(buffer, at, length);
      took(buffer, length);
    });
    // A page of the cache is written while the next piece is read.
    if (ahead === undefined && open && length >= buffer.length / 2 && withinTurn(length)) ahead = read();
  };

  const drop = (buffer: Uint8Array, bytes: number, code: string, length: number): void => {
    if (full === undefined) onEvent({ type: 'dropping', code });
    full ??= { bytes: 0, code };
    full.bytes += bytes;
    dropped += bytes;
    took(buffer, length);
  };

  const took = (buffer: Uint8Array, length: number): void => {
    returnBuffer(buffer);
    moved += length;
    held -= length;
    owed.paid(moved);
    if (!open) return;
    if (ahead === undefined && pieces.moved(length) && grow.now()) {
      pausing = setTimeout(step, PAUSE);
    } else step();
  };

  /** Writes into the file what is missing there; calls back whether there was room for it. */
  const note = (
    missing: { readonly bytes: number; readonly code: string },
    done: (hasRoom: boolean) => void,
  ) => {
    const text = `${lineEnded ? '' : '\n'}[rxshim: ${missing.bytes} bytes of output were dropped: ${missing.code}]\n`;
    const line = Buffer.from(text);
    inPool(line, 0, line.length, (error, written) => {
      if (error !== null || written < line.length) return done(false);
      lineEnded = true;
      full = undefined;
      onEvent({ type: 'dropped', bytes: missing.bytes, code: missing.code });
      done(true);
    });
  };

  const inPool = (
    buffer: Uint8Array,
    start: number,
    length: number,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void => {
    writing = true;
    write(to, buffer, start, length, null, (error, written = 0) => {
      writing = false;
      if (!open) {
        closeSync(to);
        return;
      }
      done(error, written);
    });
  };

  if (from.mayAwaitWriter) wait();
  else setImmediate(step);
  return {
    report,
    settle: () => owed.owe(moved + held + (sourceEnded ? 0 : readable(from.fd)), moved),
    stop,
  };
};
