/**
 * Waits for the exit of a child that Node does not manage.
 *
 * The invariant: only this child is awaited, by its pid, so that Node's own children are left to Node. It stays a
 * zombie, and its pid is not reused, until `waitpid` has read its status here.
 */
import { closeSync } from 'node:fs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { exited, signaled, unknownExit } from '../../contract/exit-code.js';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { ofThisThread } from '../descriptor/of-this-thread.js';
import { forget, whenReady } from '../descriptor/readiness.js';

// The same number on every architecture that Node supports.
const SYS_pidfd_open = 434;
const P_PID = 1;
const [WNOHANG, WEXITED, WNOWAIT] = [1, 4, 0x1000000];
const sizeOfSiginfo = 128;

/** The polling interval if the kernel cannot notify of an exit, in milliseconds. */
const lookEvery = 20;

const awaited = new Set<number>();

/** Whether the child is awaited here. */
export const isAwaited = (pid: number): boolean => awaited.has(pid);

/** Whether `pid` is a child of this process, running or a zombie. */
export const isChild = (pid: number): boolean =>
  native().waitid(P_PID, pid, Buffer.alloc(sizeOfSiginfo), WEXITED | WNOHANG | WNOWAIT) === 0;

/** Calls back once, when the child `pid` has exited and was reaped; never before this returns. */
export const reap = (pid: number, done: (exit: ProcessExit) => void): void => {
  const { waitpid } = native();
  const status = new Int32Array(1);
  awaited.add(pid);
  const tryReap = (): boolean => {
    const found = waitpid(pid, status, WNOHANG);
    if (found === 0) return false;
    awaited.delete(pid);
    done(
      found === pid ? exitOf(status[0] as number) : unknownExit(`process ${pid} was reaped by another owner`),
    );
    return true;
  };
  if (!announced(pid, tryReap)) looked(tryReap);
};

/** Reaps a child that has exited and that nothing here awaits, and returns its exit; otherwise `undefined`. */
export const reapNow = (pid: number): ProcessExit | undefined => {
  const status = new Int32Array(1);
  if (awaited.has(pid) || native().waitpid(pid, status, WNOHANG) !== pid) return undefined;
  return exitOf(status[0] as number);
};

/** Reaps a zombie that is not awaited. */
export const discard = (pid: number): void => void native().waitpid(pid, new Int32Array(1), WNOHANG);

/** By a pidfd, which becomes readable on exit: no thread, no polling. */
const announced = (pid: number, tryReap: () => boolean): boolean => {
  // Missing before Linux 5.3, forbidden by some sandboxes, or no free descriptor: fall back to polling.
  const fd = pidDescriptor(pid);
  if (fd === undefined) return false;
  const waits = tryWhenReady(fd, () => {
    forget(fd);
    closeSync(fd);
    if (!tryReap()) looked(tryReap);
  });
  if (!waits) closeSync(fd);
  return waits;
};

const pidDescriptor = (pid: number): number | undefined => {
  const fd = native().syscall(SYS_pidfd_open, 'int', pid, 'uint', 0);
  try {
    return fd < 0 ? undefined : ofThisThread(fd);
  } catch {
    return undefined;
  }
};

// The process runs already, so a failure from here on must not be reported as a failed start.
const tryWhenReady = (fd: number, callback: () => void): boolean => {
  try {
    return whenReady(fd, 'read', callback);
  } catch {
    return false;
  }
};

const looked = (tryReap: () => boolean): void => {
  const timer = setInterval(() => {
    if (tryReap()) clearInterval(timer);
  }, lookEvery);
};

/** Decodes the status word of wait(2). */
export const exitOf = (status: number): ProcessExit =>
  (status & 0x7f) === 0 ? exited((status >> 8) & 0xff) : signaled(status & 0x7f);

let bound: Readonly<Record<'waitpid' | 'waitid' | 'syscall', NativeFunction>> | undefined;

const native = () => (bound ??= bind());

const bind = () => {
  const library = koffi().load(null);
  return {
    waitpid: library.func('waitpid', 'int', ['int', 'void *', 'int']),
    waitid: library.func('waitid', 'int', ['int', 'uint', 'void *', 'int']),
    syscall: library.func('syscall', 'long', ['long', '...']),
  };
};
