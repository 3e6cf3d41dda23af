/**
 * Descriptors that end with the thread that has opened them.
 *
 * Node closes what a worker thread has open when the thread ends, also in the middle of its work; but only what was
 * opened by `node:fs`, and it warns of a descriptor that is closed by `node:fs` alone. So in a worker thread what was
 * opened by a native call takes the number of a file that was opened there.
 */
import { openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { nativeError, orThrow } from '../call/libc.js';

const O_CLOEXEC = 0o2000000;

/** Takes a descriptor that a native call has opened; what comes back stands in its place, to be closed by `node:fs`. */
export const ofThisThread = (fd: number): number => {
  if (isMainThread) return fd;
  bound ??= bind();
  let own: number;
  try {
    own = openSync('/dev/null', 'r');
  } catch (error) {
    bound.close(fd);
    throw error;
  }
  const errno = bound.dup3(fd, own, O_CLOEXEC) < 0 ? koffi().errno() : 0;
  bound.close(fd);
  if (errno !== 0) throw nativeError('dup3', errno);
  return own;
};

let bound: Readonly<Record<'close' | 'dup3', NativeFunction>> | undefined;

const bind = () => {
  const library = koffi().load(null);
  return {
    close: library.func('close', 'int', ['int']),
    dup3: library.func('dup3', 'int', ['int', 'int', 'int']),
  };
};

/** The descriptor that a call has opened, or the error that it failed with. */
export const openedOrThrow = (syscall: string, result: number): number =>
  ofThisThread(orThrow(syscall, result));
