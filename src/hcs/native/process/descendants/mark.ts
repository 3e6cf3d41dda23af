/**
 * Marks a process so that every descendant can be recognised: the mark is a number in its resource limits.
 *
 * A process may clear its environment, leave its session and be orphaned, but its resource limits survive fork, exec
 * and setsid. Linux has not enforced RLIMIT_LOCKS since 2.4.25, its soft value has 64 bits, any user may lower and
 * raise it, and `/proc/PID/limits` shows it to everyone. A process that sets this limit loses the mark.
 *
 * A process inherits its mark at the fork, for which this program sets its own limit for half a millisecond. Limits
 * belong to the whole program, so its threads take a lock, and a process that Node starts meanwhile in another thread
 * is found and unmarked. A worker thread may miss a daemon that has left its parents meanwhile, because orphans are
 * children of the main thread. Such a daemon loses its mark too: that is better than killing a foreign process.
 *
 * A program that runs under a mark (rxshim within rxshim) keeps it in the upper half of its own marks, so that the
 * outer program recognises them. Deeper nesting has no marks.
 */
import { openSync, readSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { koffi, type NativeFunction } from '../../call/koffi.js';
import { childrenOfThread, processEntry, readlinkProc, readProc, threadsOf } from '../proc.js';

const RLIMIT_LOCKS = 10;
const isMark = 1n << 62n;
const half = 31n;
const lowerHalf = (1n << half) - 1n;

// A mark has 31 bits, from the pid of this program, its thread and a counter.
const [programs, threads, perThread] = [0x400, 0x10, 0x20000];
const ofProgram = (process.pid % programs) * threads * perThread;
const firstOfThread = ofProgram + (threadId % threads) * perThread;

interface Marks {
  readonly prlimit: NativeFunction;
  /** The limit of this program itself. */
  readonly own: bigint;
  readonly hard: bigint;
  /** The prefix of all marks allocated here. */
  readonly base: bigint;
  /** The shift of the number within the mark. */
  readonly shift: bigint;
}

const [LOCK_EX, LOCK_UN] = [2, 8];

/** A lock among the threads of this program. A terminated thread releases it with its descriptors. */
const lock = (): (() => void) => {
  locked ??= openLock();
  const { fd, flock } = locked;
  flock(fd, LOCK_EX);
  return () => void flock(fd, LOCK_UN);
};

interface Lock {
  /** Each thread opens the file for itself, and keeps it open. */
  readonly fd: number;
  readonly flock: NativeFunction;
}

let locked: Lock | undefined;

const openLock = (): Lock => ({
  fd: openSync(`/proc/${process.pid}/status`, 'r'),
  flock: koffi().load(null).func('flock', 'int', ['int', 'int']),
});

/** The pid that the kernel has assigned last; `undefined` where it does not say. The file is kept open. */
const latestPid = (): number | undefined => {
  try {
    loadavg ??= openSync('/proc/loadavg', 'r');
    const text = loads.toString('latin1', 0, readSync(loadavg, loads, 0, loads.length, 0));
    return Number(text.slice(text.lastIndexOf(' ') + 1));
  } catch {
    return undefined;
  }
};

let loadavg: number | undefined;
const loads = Buffer.alloc(128);
let known: { readonly marks: Marks | undefined } | undefined;
let latest = Math.floor(Math.random() * perThread);

const users = new Set<MarksInUse>();

interface MarksInUse {
  has(mark: number): boolean;
}

/** Allocates a mark that is not in use by any engine of this program. */
export const nextMark = (inUse: MarksInUse): number => {
  users.add(inUse);
  const isUsed = (mark: number): boolean => [...users].some((user) => user.has(mark));
  do latest = (latest + 1) % perThread;
  while (isUsed(firstOfThread + latest));
  return firstOfThread + latest;
};

export const isOfMainThread = (mark: number): boolean =>
  Math.floor((mark % (threads * perThread)) / perThread) === 0;

/** Starts a process synchronously with the mark. Where marks are not supported it is started without one. */
export const startMarked = <T>(
  mark: number,
  start: () => T,
  pidOf: (started: T) => number | undefined,
): T => {
  const marks = theMarks();
  if (marks === undefined) return start();
  const value = marks.base | (BigInt(mark) << marks.shift);
  const unlock = lock();
  let pid: number | undefined;
  try {
    setLimit(marks, 0, value);
    const started = start();
    pid = pidOf(started);
    return started;
  } finally {
    setLimit(marks, 0, marks.own);
    unlock();
    // The last pid that the kernel has assigned. If it is that of the process, there was no other fork.
    if (latestPid() !== pid) freeOthers(marks, mark);
  }
};

/** The mark of the process, if this program or a program within it has set it. */
export const markOf = (pid: number): number | undefined => {
  const marks = theMarks();
  const text = marks && readProc(`/proc/${pid}/limits`);
  const found = text && /^Max file locks +(\d+)/m.exec(text)?.[1];
  if (!marks || !found) return undefined;
  const value = BigInt(found);
  const base = (value >> (marks.shift + half)) << (marks.shift + half);
  return base === marks.base ? Number((value >> marks.shift) & lowerHalf) : undefined;
};

/** The limit, as shown by /proc, of a process with the mark. `undefined` where marks are not supported. */
export const limitOf = (mark: number): string | undefined => {
  const marks = theMarks();
  return marks && String(marks.base | (BigInt(mark) << marks.shift));
};

/**
 * Unmarks what another thread has started meanwhile. A detached process of Node leads a session of its own; any other
 * is in the session of this program, in which no process is started here.
 */
const freeOthers = (marks: Marks, mark: number): void => {
  const own = readlinkProc('/proc/thread-self')?.split('/').at(-1);
  for (const thread of threadsOf(process.pid)) {
    if (thread === own) continue;
    for (const pid of childrenOfThread(process.pid, thread))
      if (markOf(pid) === mark && processEntry(pid)?.session === pid) setLimit(marks, pid, marks.own);
  }
};

const setLimit = ({ prlimit, hard }: Marks, pid: number, soft: bigint): void =>
  void prlimit(pid, RLIMIT_LOCKS, limit(soft, hard), null);

const theMarks = (): Marks | undefined => {
  known ??= { marks: readMarks() };
  return known.marks;
};

const readMarks = (): Marks | undefined => {
  // The values of the structure have 64 bits here. Another C library may differ.
  if (process.platform !== 'linux' || !/^(x64|arm64|riscv64|ppc64|s390x|loong64)$/.test(process.arch))
    return undefined;
  const prlimit = koffi().load(null).func('prlimit', 'int', ['int', 'int', 'void *', 'void *']);
  const { soft: own, hard } = ownLimit(prlimit);
  const common = { prlimit, own, hard };
  if (hard < isMark << 1n) return undefined;
  if (own >= isMark << 1n) return { ...common, base: isMark, shift: half };
  const isOuter = own >= isMark && (own & lowerHalf) === 0n;
  return isOuter ? { ...common, base: own, shift: 0n } : undefined;
};

/**
 * The limit of the program itself, not a mark that one of its threads is setting or was setting when it was terminated.
 */
const ownLimit = (prlimit: NativeFunction): { readonly soft: bigint; readonly hard: bigint } => {
  const unlock = lock();
  const read = new BigUint64Array(2);
  const failed = prlimit(0, RLIMIT_LOCKS, null, new Uint8Array(read.buffer)) !== 0;
  unlock();
  if (failed) return { soft: 0n, hard: 0n };
  const [soft, hard] = read as unknown as [bigint, bigint];
  const [upper, lower] = [Number((soft >> half) & lowerHalf), Number(soft & lowerHalf)];
  if (soft >> 62n !== 1n) return { soft, hard };
  if (lower === 0) return { soft: isOfProgram(upper) ? hard : soft, hard };
  return { soft: isOfProgram(lower) ? soft - BigInt(lower) : soft, hard };
};

const isOfProgram = (mark: number): boolean => mark - (mark % (threads * perThread)) === ofProgram;

const limit = (soft: bigint, hard: bigint): Uint8Array =>
  new Uint8Array(BigUint64Array.of(soft, hard).buffer);
