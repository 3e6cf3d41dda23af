/**
 * Runs a script without `#!` by /bin/sh, as POSIX requires of execvp, and as shells and Node do.
 *
 * The kernel refuses it with ENOEXEC, as it does an executable for another machine. Shells distinguish the two by a NUL
 * in the first line: a file with one is not text, and running it as commands could do anything.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Program } from '../program/program.js';

const shell = '/bin/sh';
/** As many bytes as shells examine. */
const firstBytes = 80;

/** The program to start instead of the one refused with `error`. `undefined` if that is no script. */
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
    // It can be executed but not read: a shell could not read it either.
    return false;
  }
};
