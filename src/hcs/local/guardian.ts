/**
 * Ends the processes of this program when it has ended, whatever way that was: `process.exit`, an error that was not
 * caught, a signal, also SIGKILL.
 *
 * A small process, the guardian, waits for the end of a pipe whose other end only this program has. Then it reads from a
 * file in memory whose processes still ran, signals what bears their marks with SIGTERM, and half a second later ends what
 * is left. So nothing of this program takes part: no listener for a signal or an exit, which would change what the host's
 * own do and what the system does without them; no handle that keeps it alive; and a program that hangs can be
 * interrupted. Listing costs one write to memory for each process, and wakes nobody.
 *
 * Each thread has a guardian of its own, while it has processes and for a second longer. What a worker thread has started
 * ends with that thread, since its end of the pipe does.
 */
import { closeSync, writeSync } from 'node:fs';
import { memoryFile } from '../native/descriptor/memory-file.js';
import { openPipe } from '../native/pipe/pipe.js';
import { limitOf } from '../native/process/mark.js';
import { posixSpawn } from '../native/process/posix-spawn.js';
import { discard } from '../native/process/reap.js';
import { guardianScript } from './guardian-script.js';

/** A process that ends with this program. */
export interface Guarded {
  /** It was started: its number, for where there are no marks. */
  started(pid: number): void;
  /** It was reaped; what it has started is known by the mark alone. */
  reaped(): void;
  /** Nothing of it runs, or it is to live on. */
  release(): void;
}

interface Guardian {
  /** A line for each process, all of one length, so that each can be written anew in its place. */
  readonly list: number;
  readonly pipe: number;
  readonly pid: number;
  readonly free: number[];
  lines: number;
  guarded: number;
}

/** How long an idle guardian stays, in milliseconds: a program that runs one command after another has but one. */
const linger = 1_000;
const lineLength = 48;

let guardian: Guardian | undefined;
let leaving: NodeJS.Timeout | undefined;

/** To be asked before the process is started. */
export const guard = (mark: number): Guarded => {
  const own = current();
  if (own === undefined) return guardedUntilExit();
  const line = own.free.pop() ?? own.lines++;
  const limit = limitOf(mark) ?? '-';
  const write = (pid: number | '-', value = limit): void => {
    const text = `${pid} ${value}`.padEnd(lineLength - 1);
    writeSync(own.list, `${text}\n`, line * lineLength);
  };
  let released = false;
  own.guarded += 1;
  write(0);
  return {
    started: (pid) => write(pid),
    reaped: () => {
      if (!released) write(0);
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

/** Where no guardian can be had, for want of a shell or of processes: what an exit of this program can still end. */
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

/** One that leads no group is in that of this program. */
const killGroup = (pid: number): void => {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // Gone.
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

/** It ends at once, but not before this turn does. */
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
    // By the name of a file, for the sake of who lists processes.
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
