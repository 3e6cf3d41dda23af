/**
 * Writes on threads of the pool, on a few of them.
 *
 * The pool has four threads for the files and names of the whole process, and a disk that hangs holds its thread for good.
 * So the mover uses two at a time; a stream that waits in vain moves to a process of its own.
 */
import { write } from 'node:fs';

const THREADS = 2;

let used = 0;
const waiting = new Set<() => void>();

export const isThreadFree = (): boolean => used < THREADS;

/** Calls back once when a thread is free, which the callback may use or leave. Returns a function that cancels the request. */
export const whenThreadFree = (callback: () => void): (() => void) => {
  waiting.add(callback);
  return () => void waiting.delete(callback);
};

/** Appends. To be called when a thread is free, or within the callback of another write. */
export const writeInPool = (
  fd: number,
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
): void => {
  used += 1;
  write(fd, bytes, 0, bytes.length, null, (error, written = 0) => {
    try {
      done(error, written);
    } finally {
      used -= 1;
      wakeNext();
    }
  });
};

const wakeNext = (): void => {
  for (const next of waiting) {
    if (!isThreadFree()) return;
    waiting.delete(next);
    next();
  }
};
