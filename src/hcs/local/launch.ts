/**
 * Starts processes, each as the leader of a session of its own, and tells their ends.
 *
 * By the C library's `posix_spawn` rather than by `node:child_process`, which falls short in four things: a process
 * killed by a real-time signal is told as exited with 0; it can give no process a controlling terminal (a shell in
 * between can, but not without a trace: it changes argv[0] and the environment, and turns a failure to exec into an
 * exit); it takes twice as long; and it makes descriptors blocking that are still shared with the caller. Node's way
 * remains for what the other cannot do: another user, and systems that are not Linux.
 */

import { type ChildStdio, type Launched, launched, type Started } from '../native/process/launched.js';
import { startMarked } from '../native/process/mark.js';
import { posixSpawn } from '../native/process/posix-spawn.js';
import { reap } from '../native/process/reap.js';
import { launchByNode } from './launch-by-node.js';
import { launchError } from './launch-error.js';
import type { Program } from './program.js';
import { asShellScript } from './shell-script.js';

/**
 * Calls back with the process, which bears the mark, or with an `RxshimError`: then nothing was started. Takes nothing
 * over: the descriptors stay the caller's, who may close them when called back.
 */
export const launch = (
  program: Program,
  stdio: ChildStdio,
  mark: number,
  done: (result: Launched | Error) => void,
): void => {
  const tell = (result: Started | Error) =>
    done(result instanceof Error ? launchError(program, result) : launched(result));
  if (program.user !== undefined || process.platform !== 'linux') launchByNode(program, stdio, mark, tell);
  else tell(launchNatively(program, stdio, mark));
};

const launchNatively = (program: Program, stdio: ChildStdio, mark: number): Started | Error => {
  try {
    const pid = startMarked(
      mark,
      () => spawned(program, stdio),
      (started) => started,
    );
    return { pid, watch: (end) => reap(pid, end) };
  } catch (error) {
    return error as Error;
  }
};

const spawned = (program: Program, stdio: ChildStdio): number => {
  try {
    return posixSpawn(program, stdio);
  } catch (error) {
    const script = asShellScript(program, error);
    if (script === undefined) throw error;
    return posixSpawn(script, stdio);
  }
};
