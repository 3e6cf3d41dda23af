/**
 * Kills the processes of this program when it ends, however it ends: `process.exit`, an uncaught error, or a signal
 * including SIGKILL.
 *
 * A small process, the guardian, waits for the end of a pipe whose other end only this program holds. Then it reads
 * from a memory file which processes still ran, sends SIGTERM to everything that carries their marks, and kills the
 * rest half a second later. This program needs no signal or exit handlers for it, which would change the behaviour of
 * the host program, and no handle that keeps it alive; a program that hangs can still be interrupted. Listing a process
 * costs one write to memory.
 *
 * Each thread has its own guardian, while it has processes and for a second longer. The processes of a worker thread
 * end with that thread, because its end of the pipe does.
 */
import { closeSync, writeSync } from 'node:fs';
import { memoryFile } from '../native/descriptor/memory-file.js';
import { openPipe } from '../native/pipe/pipe.js';
import { limitOf } from '../native/process/descendants/mark.js';
import { posixSpawn } from '../native/process/posix-spawn.js';
import { discard } from '../native/process/reap.js';
import { guardianScript } from './guardian-script.js';

/** A process that is to end with this program. */
export interface Guarded {
  /** Call it when it has started, with its pid, for systems without marks. */
  started(pid: number): void;
  /** Call it when it was reaped. Its descendants are known only by the mark then. */
  reaped(): void;
  /** Call it when nothing of it runs, or it is to outlive the program. */
  release(): void;
}

interface Guardian {
  /** A line for each process, all of the same length, so that each can be rewritten in place. */
  readonly list: number;
  readonly pipe: number;
  readonly pid: number;
  readonly free: number[];
  lines: number;
  guarded: number;
}

/**
 * How long an idle guardian stays, in milliseconds, so that a program running one command after another starts only
 * one.
 */
const linger = 1_000;
const lineLength = 48;

/** Whether it is the guardian of this thread, which belongs to no system. */
export const isGuardian = (pid: number): boolean => guardian?.pid === pid;

let guardian: Guardian | undefined;
let leaving: NodeJS.Timeout | undefined;

/** Call it before the process is started. */
export const guard = (mark: number): Guarded => {
  const own = current();
  if (own === undefined) return guardedUntilExit();
  const line = own.free.pop() ?? own.lines++;
  const limit = limitOf(mark) ?? '-';
  const write = (pid: number | '-', value = limit): void => {
    const text = `${pid} ${value}`.padEnd(lineLength - 1);
    writeSync(own.list, `${text}\n`, line * lineLength);
  };
  const hasMark = limit !== '-';
  let released = false;
  own.guarded += 1;
  write(0);
  return {
    started: (pid) => {
      if (!hasMark) write(pid);
    },
    reaped: () => {
      if (!hasMark && !released) write(0);
    },
    release: () => {
      if (released) return;
      released = true;
      write('-', '-');
      own.free.push(line);
      own.guarded -= 1;
      if (own.guarded === 0) dismissSoon(own);
    },
  };
};

/** Without a guardian (no shell, or no free process) only an exit event of this program can kill them. */
const guardedUntilExit = (): Guarded => {
  if (unguarded === undefined) {
    unguarded = new Map();
    process.once('exit', () => unguarded?.forEach(killGroup));
  }
  const key = {};
  const reaped = (): void => void unguarded?.delete(key);
  return { started: (pid) => void unguarded?.set(key, pid), reaped, release: reaped };
};

let unguarded: Map<object, number> | undefined;

/** A process that leads no group is in the group of this program. */
const killGroup = (pid: number): void => {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It has exited.
    }
  }
};

const current = (): Guardian | undefined => {
  clearTimeout(leaving);
  guardian ??= tryCall();
  return guardian;
};

const dismissSoon = (own: Guardian): void => {
  leaving = setTimeout(() => {
    guardian = undefined;
    closeSync(own.pipe);
    closeSync(own.list);
    reapSoon(own.pid);
  }, linger).unref();
};

/** It ends at once, but not before the current tick. */
const reapSoon = (pid: number): void => void setTimeout(discard, linger, pid).unref();

const tryCall = (): Guardian | undefined => {
  try {
    return call();
  } catch {
    return undefined;
  }
};

const call = (): Guardian => {
  const list = memoryFile('rxshim-guarded');
  const script = memoryFile('rxshim-guardian');
  const { read, write: pipe } = openPipe();
  try {
    writeSync(script, guardianScript);
    // The script is passed as a file name, so that listings of processes show it.
    const args = ['sh', '-c', '. /proc/self/fd/2', 'rxshim-guardian'];
    const env = [`PATH=/usr/bin:/bin:/usr/sbin:/sbin:${process.env['PATH'] ?? ''}`];
    const pid = posixSpawn({ file: '/bin/sh', args, env, cwd: '/' }, [read, list, script]);
    return { list, pipe, pid, free: [], lines: 0, guarded: 0 };
  } catch (error) {
    closeSync(pipe);
    closeSync(list);
    throw error;
  } finally {
    closeSync(read);
    closeSync(script);
  }
};
