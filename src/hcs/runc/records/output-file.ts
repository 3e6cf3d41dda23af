/**
 * Output that a process writes to a file of its records, read while it grows.
 *
 * The process has the file itself, so its output goes on when the program that reads it dies. How much was read is stored
 * beside it, after the reader has taken it: a successor begins there, and gets the last chunk again if its predecessor
 * died between the two. The invariant: the source ends only when the process has ended and the file was read to its end.
 */
import {
  closeSync,
  type FSWatcher,
  fstatSync,
  openSync,
  read,
  readFileSync,
  watch,
  writeSync,
} from 'node:fs';
import type { OutputStart } from '../../contract/adoption.js';
import type { ByteSource } from '../../contract/bytes.js';

export interface OutputFile extends ByteSource {
  arrived(): number;
  /** The process has ended: what is in the file now is all. */
  ended(): void;
  /** Ends a pending read. */
  close(): void;
}

/** `left` records how much was read; the others only look on. */
export const outputFile = (path: string, start: OutputStart): OutputFile => {
  const fd = openSync(path, 'r');
  const place = start === 'left' ? openPlace(path) : undefined;
  const begin =
    start === 'end' ? fstatSync(fd).size : start === 'left' ? placeIn(path, fstatSync(fd).size) : 0;
  const buffer = Buffer.allocUnsafe(chunkSize);
  let at = begin;
  let taken = begin;
  let isOver = false;
  let isClosed = false;
  let watcher: FSWatcher | undefined;
  let wake: (() => void) | undefined;

  const woken = (): void => {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  };
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    watcher?.close();
    if (!isReading) closeAll();
    woken();
  };
  const closeAll = (): void => {
    closeSync(fd);
    if (place !== undefined) closeSync(place);
  };
  const grown = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      watcher ??= watch(path, { persistent: true }, woken).on('error', woken);
      // It may have grown before it was watched.
      if (isClosed || isOver || fstatSync(fd).size > at) woken();
    });
  let isReading = false;
  const readOn = (): Promise<number> =>
    new Promise((resolve, reject) => {
      isReading = true;
      read(fd, buffer, 0, buffer.length, at, (error, length) => {
        isReading = false;
        if (isClosed) {
          closeAll();
          resolve(0);
        } else if (error) reject(error);
        else resolve(length);
      });
    });
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    if (taken !== at) {
      taken = at;
      if (place !== undefined && !isClosed) writeSync(place, placeText(taken), 0);
    }
    while (!isClosed) {
      // Asked before the read: what is written before the end is read after it.
      const wasOver = isOver;
      const length = await readOn();
      if (length > 0) {
        at += length;
        return { done: false, value: buffer.subarray(0, length) };
      }
      if (wasOver) close();
      else if (!isClosed) await grown();
    }
    return { done: true, value: undefined };
  };

  return {
    arrived: () => (isClosed || isOver ? Number.POSITIVE_INFINITY : fstatSync(fd).size - begin),
    ended: () => {
      isOver = true;
      woken();
    },
    close,
    [Symbol.asyncIterator]: () => ({
      next,
      return: () => {
        close();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
};

const chunkSize = 64 * 1024;
const digits = 16;

const placeOf = (path: string): string => `${path}.read`;

const placeText = (place: number): string => `${String(place).padStart(digits, '0')}\n`;

// Overwritten in place by one write of a few bytes, which a signal cannot interrupt.
const openPlace = (path: string): number => {
  try {
    return openSync(placeOf(path), 'r+');
  } catch {
    return openSync(placeOf(path), 'w+', 0o600);
  }
};

/** Without a valid place, and with one past the end of the file, all of the output is read. */
const placeIn = (path: string, size: number): number => {
  const text = readFileSync(placeOf(path), 'latin1');
  const place = /^\d{16}\n$/.test(text) ? Number(text) : 0;
  return place <= size ? place : 0;
};
