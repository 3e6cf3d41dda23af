/**
 * A mark on a process that everything it starts inherits: a number in its resource limits.
 *
 * A process may clear its environment, leave its session and be orphaned; its resource limits stay with it through
 * fork, exec and setsid. Linux has enforced RLIMIT_LOCKS nowhere since 2.4.25, its soft value is 64 bits wide, anybody
 * may lower it and raise it again, and everybody may read it in `/proc/PID/limits`. Who sets this limit loses the mark.
 *
 * A process is born with its mark: this program bears it for the half millisecond in which it forks. Limits are those
 * of a whole program, so what another thread has forked meanwhile is found and freed of the mark. A worker thread does
 * not touch the limits of the program: its processes get their mark as soon as they are there.
 *
 * A program that runs under a mark (rxshim within rxshim) keeps that in the upper half of the marks that it gives, so
 * that the outer program recognises them; deeper than that there are no marks.
 */
import { isMainThread, threadId } from 'node:worker_threads';
import { koffi, type NativeFunction } from '../native/koffi.js';
import { childrenOf, childrenOfThread, readProc } from './proc.js';

const RLIMIT_LOCKS = 10;
const isMark = 1n << 62n;
const half = 31n;
const lowerHalf = (1n << half) - 1n;

/** What one level of marks can count, for each thread of this program. */
const perThread = 0x1000000;
const threads = 0x80;

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

let known: { readonly marks: Marks | undefined } | undefined;
let latest = Math.floor(Math.random() * perThread);

/** The number of a mark that is not in use. */
export const nextMark = (inUse: { has(mark: number): boolean }): number => {
  do latest = (latest + 1) % perThread;
  while (inUse.has(firstOfThread + latest));
  return firstOfThread + latest;
};

const firstOfThread = (threadId % threads) * perThread;

/** Starts a process, synchronously, that bears the mark. Where there are no marks it is started without one. */
export const startMarked = <T>(
  mark: number,
  start: () => T,
  pidOf: (started: T) => number | undefined,
): T => {
  const marks = theMarks();
  if (marks === undefined) return start();
  const value = marks.base | (BigInt(mark) << marks.shift);
  if (!isMainThread) {
    const started = start();
    const pid = pidOf(started);
    if (pid !== undefined) setLimit(marks, pid, value);
    return started;
  }
  setLimit(marks, 0, value);
  let pid: number | undefined;
  try {
    const started = start();
    pid = pidOf(started);
    return started;
  } finally {
    setLimit(marks, 0, marks.own);
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

const freeOthers = (marks: Marks, mark: number): void => {
  const mine = new Set(childrenOfThread(process.pid, process.pid));
  for (const pid of childrenOf(process.pid))
    if (!mine.has(pid) && markOf(pid) === mark) setLimit(marks, pid, marks.own);
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

const asleep = new Int32Array(new SharedArrayBuffer(4));

/** That of the program, and not a mark that its main thread is just giving. */
const ownLimit = (prlimit: NativeFunction): { readonly soft: bigint; readonly hard: bigint } => {
  const read = new BigUint64Array(2);
  const ask = (): bigint =>
    prlimit(0, RLIMIT_LOCKS, null, new Uint8Array(read.buffer)) === 0 ? (read[0] as bigint) : 0n;
  const first = ask();
  let soft = first;
  for (let look = 0; !isMainThread && soft === first && first >> 62n === 1n && look < 20; look += 1) {
    Atomics.wait(asleep, 0, 0, 1);
    soft = ask();
  }
  return { soft, hard: read[1] as bigint };
};

const limit = (soft: bigint, hard: bigint): Uint8Array =>
  new Uint8Array(BigUint64Array.of(soft, hard).buffer);
