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
  /** A thread of the kernel: nobody's. */
  readonly ofKernel: boolean;
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

/**
 * Whether the process was started with the text in its environment. Only what this user may look into is found.
 *
 * In the middle of an exec a process shows no environment. One that has none is told from that by where it would be.
 */
export const environmentHas = (pid: number, text: string): boolean => {
  let before: string | undefined;
  for (let look = 0; look < mostLooks; look += 1) {
    const environment = environmentOf(pid);
    if (environment === undefined) return false;
    if (environment.length > 0) return environment.includes(text);
    const { from, to } = placeOfEnvironment(pid);
    // Each exec has another place; there it has none for a moment even when it will have one.
    if (from === to && from !== '0' && from === before) return false;
    before = from;
    if (look >= looksAtOnce) Atomics.wait(asleep, 0, 0, 1);
  }
  return false;
};

/** An exec takes less than the first of them, unless its process has lost its processor; the others are a millisecond apart. */
const looksAtOnce = 20;
const mostLooks = 120;
const asleep = new Int32Array(new SharedArrayBuffer(4));

const environmentOf = (pid: number): Buffer | undefined => {
  try {
    return readFileSync(`/proc/${pid}/environ`);
  } catch (error) {
    return orUnseen(error, undefined);
  }
};

const placeOfEnvironment = (
  pid: number,
): { readonly from: string | undefined; readonly to: string | undefined } => {
  const fields = fieldsOf(buffer.toString('latin1', 0, readStat(pid)));
  return { from: fields[47], to: fields[48] };
};

const fromProc = (): Map<number, ProcessEntry> => {
  const table = new Map<number, ProcessEntry>();
  for (const name of numbers()) {
    const pid = Number(name);
    const entry = Number.isInteger(pid) ? processEntry(pid) : undefined;
    if (entry && !entry.ofKernel) table.set(pid, entry);
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

// See proc(5). The second field is a name of the process's own choice, which may hold blanks and brackets; the third is
// the first of these.
const fieldsOf = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

const parseStat = (pid: number, stat: string): ProcessEntry => {
  const fields = fieldsOf(stat);
  return {
    pid,
    ended: fields[0] === 'Z' || fields[0] === 'X',
    parent: Number(fields[1]),
    session: Number(fields[3]),
    ofKernel: (Number(fields[6]) & kernelThread) !== 0,
    startedAt: Number(fields[19]),
  };
};

/** PF_KTHREAD of linux/sched.h. */
const kernelThread = 0x00200000;

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
        ofKernel: false,
        startedAt: 0,
      },
    ]),
  );
};
