/**
 * Constructors for exits, and the exit status for containerd.
 *
 * The invariant: an unknown exit is never reported as an exit code. In particular, zero is always a real zero.
 */
import type { ProcessExit } from './compute-process.js';

/** The status of an unknown exit: containerd's own number for it. */
export const unknownStatus = 255;

/** The status of a process killed by SIGKILL: 128 + 9. */
export const statusWhenKilled = 137;

/** An unknown exit, with the reason. */
export const unknownExit = (reason: string): ProcessExit => ({ kind: 'unknown', reason });

/**
 * An exit with a code.
 *
 * Engines report -1 for a code that they could not read, so that is an unknown exit, as is any value that is no
 * integer. The unsigned 4294967295 has the same bits but was read, so it is kept.
 */
export const exited = (code: number): ProcessExit =>
  isCode(code) ? { kind: 'exited', code } : unknownExit(`no exit code could be read (got ${String(code)})`);

/** An exit by a signal, with a shell's exit status: 128 + the number of the signal. */
export const signaled = (signal: number): ProcessExit =>
  Number.isInteger(signal) && signal > 0 && signal < 128
    ? { kind: 'signaled', signal, code: 128 + signal }
    : unknownExit(`ended by a signal that cannot be (${String(signal)})`);

/**
 * The exit status for containerd, an unsigned 32-bit number; 255 for an unknown exit.
 *
 * Engines may not have used the functions above: a malformed exit is unknown too.
 */
export const statusOf = (exit: ProcessExit): number => (hasCode(exit) ? exit.code >>> 0 : unknownStatus);

/** Whether an exit has a valid code. A value from JavaScript may not match its type. */
export const hasCode = (exit: ProcessExit): exit is Exclude<ProcessExit, { kind: 'unknown' }> => {
  const given: ProcessExit | undefined | null = exit;
  return (given?.kind === 'exited' || given?.kind === 'signaled') && isCode(given.code);
};

const isCode = (code: unknown): code is number => Number.isInteger(code) && code !== -1;
