/**
 * Starts a process by `node:child_process`; see `launch` for when and why.
 *
 * Known limits: an exit by a real-time signal cannot be distinguished from exit status 0, and the supplementary groups
 * of another user are dropped.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { exited, signaled } from '../../contract/exit-code.js';
import { RxshimError } from '../../failures/errors.js';
import { startMarked } from '../../native/process/descendants/mark.js';
import type { ChildStdio, Started } from '../../native/process/launched.js';
import type { Program } from '../program/program.js';

/** Calls back once: synchronously with a process; some failures are reported in the next tick. */
export const launchByNode = (
  program: Program,
  stdio: ChildStdio,
  mark: number,
  done: (result: Started | Error) => void,
): void => {
  const child = tryStart(program, stdio, mark);
  if (child instanceof Error) {
    done(child);
    return;
  }
  const { pid } = child;
  if (pid === undefined) {
    child.once('error', done);
    return;
  }
  done({
    pid,
    // Not 'close': that also waits for other processes that hold the streams.
    watch: (end) =>
      child.once('exit', (code, signal) =>
        end(signal === null ? exited(code ?? -1) : signaled(constants.signals[signal])),
      ),
  });
};

const tryStart = (program: Program, stdio: ChildStdio, mark: number) => {
  try {
    if (typeof stdio !== 'string') {
      return startMarked(
        mark,
        () => start(program, stdio),
        ({ pid }) => pid,
      );
    }
    return new RxshimError('notImplemented', 'a terminal for a process of another user');
  } catch (error) {
    return error as Error;
  }
};

const start = (
  { file, args, env, cwd, user, umask, place }: Program,
  streams: Exclude<ChildStdio, string>,
) => {
  const stdio = streams.map((fd) => fd ?? 'ignore');
  const before = umask === undefined ? undefined : process.umask(umask);
  try {
    // `detached` makes it the leader of a session.
    return spawn(file, args.slice(1), {
      argv0: args[0]!,
      env: asObject(env),
      cwd,
      stdio,
      detached: place !== 'group',
      ...user,
    });
  } finally {
    if (before !== undefined) process.umask(before);
  }
};

const asObject = (env: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    env.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
