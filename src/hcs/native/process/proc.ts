/**
 * Reads single processes under /proc. The cost of a call does not depend on the number of processes of the host.
 *
 * The invariant: a process that has exited, or that this user may not read, is `undefined`. A failure for want of a
 * descriptor or memory is an error, never mistaken for an exit.
 */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { uptime } from 'node:os';
import { RxshimError } from '../../failures/errors.js';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Whether it is a zombie. */
  readonly ended: boolean;
  /** In milliseconds since the boot of the host, to the hundredth of a second. */
  readonly startedAt: number;
}

/**
 * The entry of one process; see proc(5).
 *
 * @throws RxshimError `unavailable` if it cannot be read; so do the other functions here.
 */
export const processEntry = (pid: number): ProcessEntry | undefined => {
  const stat = readProc(`/proc/${pid}/stat`);
  if (!stat) return undefined;
  // The second field is a name that the process chooses, which may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    ended: fields[0] === 'Z' || fields[0] === 'X',
    session: Number(fields[3]),
    startedAt: Number(fields[19]) * clockTick,
  };
};

/** The clock tick in which proc(5) counts, the same for users of every Linux; in milliseconds. */
const clockTick = 10;

/** In milliseconds. */
export const ageOf = ({ startedAt }: ProcessEntry): number => uptime() * 1000 - startedAt;

/**
 * How long a process has been ready to run and had no processor, in milliseconds: its main thread, by the statistics of the
 * scheduler. 0 where the kernel has none.
 */
export const waitedForProcessor = (pid: number): number =>
  Number((readProc(`/proc/${pid}/schedstat`) ?? '').split(' ')[1] ?? 0) / 1e6;

/** Whether a running process has a handler for a signal. */
export const catches = (pid: number, signal: number): boolean => {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1] ?? '0';
  return signal > 0 && ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
};

/** The children of a process: those of all its threads. */
export const childrenOf = (pid: number): readonly number[] =>
  threadsOf(pid).flatMap((thread) => childrenOfThread(pid, thread));

/**
 * The children of one thread. The main thread, to which orphans are reparented, has the pid of the process as its id.
 */
export const childrenOfThread = (pid: number, thread: number | string): readonly number[] =>
  (readProc(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number);

/** Reads a file of a process. Most fit into the buffer; lists are read in pieces. */
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
// Lists are read a page at a time. A number that did not fit leaves less than this free.
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
