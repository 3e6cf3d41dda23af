/**
 * A running process that is no child of this one: signalled and awaited by a pidfd.
 *
 * The invariant: signals reach the process that was identified, never another that has got its pid. Its exit is what the
 * kernel tells to others than the parent (PIDFD_GET_INFO, Linux 6.15), otherwise unknown with the reason.
 */
import { closeSync } from 'node:fs';
import { AsyncSubject } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { unknownExit } from '../../contract/exit-code.js';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { libc, nativeError } from '../call/libc.js';
import { ofThisThread } from '../descriptor/of-this-thread.js';
import { forget, whenReady } from '../descriptor/readiness.js';
import type { Launched } from './launched.js';
import { exitOf, reapNow } from './reap.js';
import { killed } from './send-signal.js';
import { startTimeOf } from './start-time.js';

// The same numbers on every architecture that Node supports.
const [SYS_pidfd_send_signal, SYS_pidfd_open] = [424, 434];
const PIDFD_GET_INFO = 0xc040ff0b;
const PIDFD_INFO_EXIT = 1n << 3n;
const sizeOfInfo = 64;
const exitCodeAt = 60;
const ESRCH = 3;

/** The polling interval without pidfds, and for a zombie that its parent has yet to reap, in milliseconds. */
const lookEvery = 20;

/** How long a zombie is waited for, in milliseconds. Its parent may be stopped. */
const reapTimeout = 5_000;

/**
 * Attaches to a process. `undefined` if it is not running.
 *
 * @param isIt identifies the process that has the pid now.
 */
export const foreignProcess = (pid: number, isIt: () => boolean): Launched | undefined => {
  const startTime = startTimeOf(pid);
  const fd = pidDescriptor(pid);
  // Identified after the descriptor was opened: from then on it is that of this process.
  if (fd === 'ended' || startTime === undefined || startTimeOf(pid) !== startTime || !isIt()) {
    if (typeof fd === 'number') closeSync(fd);
    return undefined;
  }
  const exit$ = new AsyncSubject<ProcessExit>();
  let open = fd;
  const ended = (exit: ProcessExit): void => {
    if (open !== undefined) closeSync(open);
    open = undefined;
    exit$.next(exit);
    exit$.complete();
  };
  if (fd === undefined) polled(pid, startTime, () => ended(unknownExit(noParent)));
  else
    whenReady(fd, 'read', () => {
      forget(fd);
      readExit({ pid, fd, deadline: Date.now() + reapTimeout }, ended);
    });
  return {
    pid,
    exit$: exit$.asObservable(),
    send: (signal) => {
      if (exit$.closed || exit$.isStopped) return false;
      if (open !== undefined) return sentBy(open, signal);
      return startTimeOf(pid) === startTime && killed(pid, signal);
    },
  };
};

const noParent =
  'the process was not started by this program, and the kernel tells its exit only to its parent';

interface Ended {
  readonly pid: number;
  readonly fd: number;
  readonly deadline: number;
}

/**
 * The kernel has the exit code from the moment that the parent has reaped the process. An orphan may have been reparented
 * to this program.
 */
const readExit = (process: Ended, done: (exit: ProcessExit) => void): void => {
  const { pid, fd, deadline } = process;
  const own = reapNow(pid);
  if (own !== undefined) return done(own);
  const info = Buffer.alloc(sizeOfInfo);
  info.writeBigUInt64LE(PIDFD_INFO_EXIT, 0);
  if (native().ioctl(fd, PIDFD_GET_INFO, 'void *', info) < 0) return done(unknownExit(noParent));
  if ((info.readBigUInt64LE(0) & PIDFD_INFO_EXIT) !== 0n) return done(exitOf(info.readInt32LE(exitCodeAt)));
  if (Date.now() > deadline) return done(unknownExit('its parent has not read its exit'));
  setTimeout(readExit, lookEvery, process, done);
};

const polled = (pid: number, startTime: string, done: () => void): void => {
  const timer = setInterval(() => {
    if (startTimeOf(pid) === startTime) return;
    clearInterval(timer);
    done();
  }, lookEvery);
};

const sentBy = (fd: number, signal: number): boolean => {
  const sent = native().syscall(SYS_pidfd_send_signal, 'int', fd, 'int', signal, 'void *', null, 'uint', 0);
  if (sent === 0) return true;
  const errno = libc().errno();
  if (errno === ESRCH) return false;
  throw nativeError('pidfd_send_signal', errno);
};

/** `undefined` if there are no pidfds: before Linux 5.3, or forbidden by a sandbox. */
const pidDescriptor = (pid: number): number | 'ended' | undefined => {
  const fd = native().syscall(SYS_pidfd_open, 'int', pid, 'uint', 0);
  if (fd < 0) return libc().errno() === ESRCH ? 'ended' : undefined;
  return ofThisThread(fd);
};

let bound: Readonly<Record<'syscall' | 'ioctl', NativeFunction>> | undefined;

const native = () => (bound ??= bind());

const bind = () => {
  const library = koffi().load(null);
  return {
    syscall: library.func('syscall', 'long', ['long', '...']),
    ioctl: library.func('ioctl', 'int', ['int', 'ulong', '...']),
  };
};
