/**
 * A mark on a process that everything it starts inherits: a number in its resource limits.
 *
 * A process may clear its environment, leave its session and be orphaned; its resource limits stay with it through
 * fork, exec and setsid. Linux has enforced RLIMIT_LOCKS nowhere since 2.4.25, its soft value is 64 bits wide, anybody
 * may lower it and raise it again, and everybody may read it in `/proc/PID/limits`. Who sets this limit loses the mark.
 *
 * A process is born with its mark: this program bears it for the half millisecond in which it forks. Limits are those
 * of a whole program. So threads take turns with it, and what Node starts meanwhile in another thread is found and freed
 * of the mark. In a worker thread that may hit a daemon that has left its parents before this could look, as orphans are
 * children of the main thread: it is not recognised any more, for better that than to end what is not ours.
 *
 * A program that runs under a mark (rxshim within rxshim) keeps that in the upper half of the marks that it gives, so
 * that the outer program recognises them; deeper than that there are no marks.
 */
import { closeSync, openSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { koffi, type NativeFunction } from '../call/koffi.js';
import { childrenOfThread, processEntry, readlinkProc, readProc, threadsOf } from './proc.js';

const RLIMIT_LOCKS = 10;
const isMark = 1n << 62n;
const half = 31n;
const lowerHalf = (1n << half) - 1n;

// A mark has 31 bits: some of the number of this program, of its thread, and a count.
const [programs, threads, perThread] = [0x400, 0x10, 0x20000];
const ofProgram = (process.pid % programs) * threads * perThread;
const firstOfThread = ofProgram + (threadId % threads) * perThread;

interface Marks {
  readonly prlimit: NativeFunction;
  /** The limit of this program. */
  readonly own: bigint;
  readonly hard: bigint;
  /** All marks given here have this in common. */
  readonly base: bigint;
  /** How far to the left of it stands the number. */
  readonly shift: bigint;
}

const LOCK_EX = 2;

/** Threads of this program take turns. A thread that is terminated meanwhile gives its turn back with its descriptors. */
const lock = (): (() => void) => {
  const fd = openSync(`/proc/${process.pid}/status`, 'r');
  flock ??= koffi().load(null).func('flock', 'int', ['int', 'int']);
  flock(fd, LOCK_EX);
  return () => closeSync(fd);
};

let flock: NativeFunction | undefined;
let known: { readonly marks: Marks | undefined } | undefined;
let latest = Math.floor(Math.random() * perThread);

const users = new Set<MarksInUse>();

interface MarksInUse {
  has(mark: number): boolean;
}

/** The number of a mark that is not in use, neither here nor in another engine that has asked. */
export const nextMark = (inUse: MarksInUse): number => {
  users.add(inUse);
  const isUsed = (mark: number): boolean => [...users].some((user) => user.has(mark));
  do latest = (latest + 1) % perThread;
  while (isUsed(firstOfThread + latest));
  return firstOfThread + latest;
};

export const isOfMainThread = (mark: number): boolean =>
  Math.floor((mark % (threads * perThread)) / perThread) === 0;

/** Starts a process, synchronously, that bears the mark. Where there are no marks it is started without one. */
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
    // The latest number that the kernel has given: where it is that of the process, nobody else has forked.
    if (!readProc('/proc/loadavg')?.trimEnd().endsWith(` ${pid}`)) freeOthers(marks, mark);
  }
};

/** The mark that the process bears, if this program, or a program within it, has given it one. */
export const markOf = (pid: number): number | undefined => {
  const marks = theMarks();
  const text = marks && readProc(`/proc/${pid}/limits`);
  const found = text && /^Max file locks +(\d+)/m.exec(text)?.[1];
  if (!marks || !found) return undefined;
  const value = BigInt(found);
  const base = (value >> (marks.shift + half)) << (marks.shift + half);
  return base === marks.base ? Number((value >> marks.shift) & lowerHalf) : undefined;
};

/** How the limit of a process with the mark reads; `undefined` where there are no marks. */
export const limitOf = (mark: number): string | undefined => {
  const marks = theMarks();
  return marks && String(marks.base | (BigInt(mark) << marks.shift));
};

/**
 * What another thread has started meanwhile, among the children of other threads: a detached process of Node leads a
 * session. One that does not is in the session of this program, where no process that was started here is.
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
  // The structure has 64 bits a value here; elsewhere the C library may have another.
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

/** That of the program, and not a mark that one of its threads is giving, or was giving when it was terminated. */
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
