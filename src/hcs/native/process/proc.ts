/**
 * What the kernel says of single processes under /proc. No call here takes longer the more processes a host has.
 *
 * The invariant: a process that is gone, or that this user may not look into, reads as `undefined`; what could not be
 * read for want of a descriptor or memory is an error, never passed off as gone.
 */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { RxshimError } from '../../failures/errors.js';

export interface ProcessEntry {
  readonly pid: number;
  readonly session: number;
  /** Whether it has ended, and only waits for its parent to take note. */
  readonly ended: boolean;
}

/**
 * The entry of one process; see proc(5).
 *
 * @throws RxshimError `unavailable` when it cannot be looked for, as do the others here.
 */
export const processEntry = (pid: number): ProcessEntry | undefined => {
  const stat = readProc(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The second field is a name of the process's own choice, which may hold blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    ended: fields[0] === 'Z' || fields[0] === 'X',
    session: Number(fields[3]),
  };
};

/** The children of a process: each of its threads has its own. */
export const childrenOf = (pid: number): readonly number[] =>
  threadsOf(pid).flatMap((thread) => childrenOfThread(pid, thread));

/** The children of one thread. The first thread of a process, to which orphans come, has the number of the process. */
export const childrenOfThread = (pid: number, thread: number | string): readonly number[] =>
  (readProc(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number);

/** A file of a process. Most have less than the buffer holds; lists come a piece at a time. */
export const readProc = (path: string): string | undefined => {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    let text = '';
    for (let length = read(fd); length > 0; length = length < listed ? 0 : read(fd))
      text += buffer.toString('latin1', 0, length);
    return text;
  } catch (error) {
    return orUnseen(error, undefined);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
};

const buffer = Buffer.alloc(8192);
// Lists come a page at a time; a number that found no room leaves less than this free.
const listed = 4096 - 16;

const read = (fd: number): number => readSync(fd, buffer, 0, buffer.length, null);

export const threadsOf = (pid: number): readonly string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    return orUnseen(error, []);
  }
};

export const readlinkProc = (path: string): string | undefined => {
  try {
    return readlinkSync(path);
  } catch (error) {
    return orUnseen(error, undefined);
  }
};

const unseen = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

const orUnseen = <T>(error: unknown, value: T): T => {
  if (unseen.has((error as NodeJS.ErrnoException).code ?? '')) return value;
  throw new RxshimError('unavailable', 'the processes of this host cannot be listed', { cause: error });
};
