/**
 * Starts processes, each as the leader of its own session, and reports their exits.
 *
 * By `posix_spawn` of the C library rather than `node:child_process`, which falls short in four ways. It reports a
 * process killed by a real-time signal as exited with 0. It cannot give a process a controlling terminal (a shell in
 * between could, but it changes argv[0] and the environment, and turns a failed exec into an exit). It takes twice as
 * long. And it makes descriptors blocking that are still shared with the caller. Node's way remains for another user
 * and for systems other than Linux.
 */

import { startMarked } from '../../native/process/descendants/mark.js';
import { type ChildStdio, type Launched, launched, type Started } from '../../native/process/launched.js';
import { posixSpawn } from '../../native/process/posix-spawn.js';
import { reap } from '../../native/process/reap.js';
import type { Program } from '../program/program.js';
import { launchByNode } from './by-node.js';
import { launchError } from './error.js';
import { asShellScript } from './shell-script.js';

/**
 * Calls back with the marked process, or with an `RxshimError` if nothing was started. The caller keeps the descriptors
 * and may close them when called back.
 */
export const launch = (
  program: Program,
  stdio: ChildStdio,
  mark: number,
  done: (result: Launched | Error) => void,
): void => {
  const settle = (result: Started | Error) =>
    done(result instanceof Error ? launchError(program, result) : launched(result));
  if (program.user !== undefined || process.platform !== 'linux') launchByNode(program, stdio, mark, settle);
  else settle(launchNatively(program, stdio, mark));
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
