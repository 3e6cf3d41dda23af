/**
 * All processes of this host, as its kernel lists them.
 *
 * A snapshot that is out of date when it is read: processes may have come and gone while it was taken.
 * The invariant: what could not be looked at for want of a descriptor or memory is not passed off as gone.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { RxshimError } from '../errors.js';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Whether it has ended, and is only waiting for its parent to take note. */
  readonly ended: boolean;
  /** In a unit of the kernel's, since the start of the host; 0 where it does not tell. */
  readonly startedAt: number;
}

/**
 * The processes by their number, in no particular order.
 *
 * @throws RxshimError `unavailable` when they cannot be listed, as do the others here.
 */
export const processTable = (): Map<number, ProcessEntry> =>
  process.platform === 'linux' ? fromProc() : fromPs();

/** The entry of one process. `undefined` when there is none, or none that this user may see. */
export const processEntry = (pid: number): ProcessEntry | undefined => {
  const length = readStat(pid);
  return length === 0 ? undefined : parseStat(pid, buffer.toString('latin1', 0, length));
};

/** Whether the process was started with the text in its environment. Only what this user may look into is found. */
export const environmentHas = (pid: number, text: string): boolean => {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(text);
  } catch (error) {
    return orUnseen(error, false);
  }
};

const fromProc = (): Map<number, ProcessEntry> => {
  const table = new Map<number, ProcessEntry>();
  for (const name of numbers()) {
    const pid = Number(name);
    const entry = Number.isInteger(pid) ? processEntry(pid) : undefined;
    if (entry) table.set(pid, entry);
  }
  return table;
};

const numbers = (): string[] => {
  try {
    return readdirSync('/proc');
  } catch (error) {
    return orUnseen(error, []);
  }
};

const unseen = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

const orUnseen = <T>(error: unknown, value: T): T => {
  if (unseen.has((error as NodeJS.ErrnoException).code ?? '')) return value;
  throw new RxshimError('unavailable', 'the processes of this host cannot be listed', { cause: error });
};

const buffer = Buffer.alloc(1024);

// Three calls on one buffer take a third of the time of readFileSync, and there may be thousands of processes.
const readStat = (pid: number): number => {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/stat`, 'r');
    return readSync(fd, buffer, 0, buffer.length, 0);
  } catch (error) {
    return orUnseen(error, 0);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
};

// See proc(5). The second field is a name of the process's own choice, which may hold blanks and brackets.
const parseStat = (pid: number, stat: string): ProcessEntry => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    ended: fields[0] === 'Z' || fields[0] === 'X',
    parent: Number(fields[1]),
    session: Number(fields[3]),
    startedAt: Number(fields[19]),
  };
};

// macOS tells sessions only by address; the process group is what comes nearest.
const fromPs = (): Map<number, ProcessEntry> => {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], { encoding: 'utf8' });
  const rows = (stdout ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(
    rows.map(([pid, parent, group, state]) => [
      Number(pid),
      {
        pid: Number(pid),
        parent: Number(parent),
        session: Number(group),
        ended: !!state?.startsWith('Z'),
        startedAt: 0,
      },
    ]),
  );
};
