/**
 * A script without `#!` is run by /bin/sh, as POSIX says of execvp, and as shells and Node do.
 *
 * The kernel refuses it with ENOEXEC, as it does what was built for another machine. Shells tell the two apart by a NUL in
 * the first line: what has one is no text, and running its bytes as commands would do anything.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Program } from './program.js';

const shell = '/bin/sh';
/** As much as shells look at. */
const firstBytes = 80;

/** What to start instead of the program that was refused with `error`; `undefined` when that says all there is to say. */
export const asShellScript = (program: Program, error: unknown): Program | undefined => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOEXEC' || !isText(program.file)) return undefined;
  return { ...program, file: shell, args: [shell, program.file, ...program.args.slice(1)] };
};

const isText = (file: string): boolean => {
  try {
    const fd = openSync(file, 'r');
    try {
      const start = Buffer.alloc(firstBytes);
      const [line = ''] = start.toString('latin1', 0, readSync(fd, start)).split('\n', 1);
      return !line.includes('\0');
    } finally {
      closeSync(fd);
    }
  } catch {
    // It may be executed and not read: a shell could not read it either.
    return false;
  }
};
