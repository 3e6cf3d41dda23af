/**
 * Starts processes, each as the leader of a session of its own, and tells their ends.
 *
 * By the C library's `posix_spawn` rather than by `node:child_process`, which falls short in four things: a process
 * killed by a real-time signal is told as exited with 0; it can give no process a controlling terminal (a shell in
 * between can, but not without a trace: it changes argv[0] and the environment, and turns a failure to exec into an
 * exit); it takes twice as long; and it makes descriptors blocking that are still shared with the caller. Node's way
 * remains for what the other cannot do: another user, and systems that are not Linux.
 */
import { AsyncSubject } from 'rxjs';
import type { ProcessExit } from '../compute-process.js';
import { launchByNode } from './launch-by-node.js';
import { launchError } from './launch-error.js';
import type { ChildStdio, Launched, Started } from './launched.js';
import { posixSpawn } from './posix-spawn.js';
import type { Program } from './program.js';
import { reap } from './reap.js';

/**
 * Calls back with the process, or with an `RxshimError`: then nothing was started. Takes nothing over: the descriptors
 * stay the caller's, who may close them when called back.
 */
export const launch = (
  program: Program,
  stdio: ChildStdio,
  done: (result: Launched | Error) => void,
): void => {
  const tell = (result: Started | Error) =>
    done(result instanceof Error ? launchError(program, result) : lifeOf(result));
  if (program.user !== undefined || process.platform !== 'linux') launchByNode(program, stdio, tell);
  else tell(launchNatively(program, stdio));
};

const launchNatively = (program: Program, stdio: ChildStdio): Started | Error => {
  try {
    const pid = posixSpawn(program, stdio);
    return { pid, watch: (end) => reap(pid, end) };
  } catch (error) {
    return error as Error;
  }
};

const lifeOf = ({ pid, watch }: Started): Launched => {
  const exit$ = new AsyncSubject<ProcessExit>();
  let reaped = false;
  watch((exit) => {
    reaped = true;
    exit$.next(exit);
    exit$.complete();
  });
  return { pid, exit$: exit$.asObservable(), send: (signal) => !reaped && send(pid, signal) };
};

const send = (pid: number, signal: number): boolean => {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};
