/**
 * Ways to say how a process ended, and the one number that containerd is told about it.
 *
 * The invariant: what nobody can tell is never passed off as an exit code. Zero above all is only ever a real zero.
 */
import type { ProcessExit } from './compute-process.js';

/** The status of a process whose end nobody can tell: containerd's own number for "unknown". */
export const unknownStatus = 255;

/** What a process killed with SIGKILL reports: 128 and 9. */
export const statusWhenKilled = 137;

/** A process that ended in a way that nobody can tell. */
export const unknownExit = (reason: string): ProcessExit => ({ kind: 'unknown', reason });

/**
 * A process that ended with a code.
 *
 * Engines say -1 for a code that they could not read, so that is an unknown exit, as is what is no whole number. The
 * unsigned 4294967295 has the same bits, but was read: it stays what it is.
 */
export const exited = (code: number): ProcessExit =>
  isCode(code) ? { kind: 'exited', code } : unknownExit(`no exit code could be read (got ${String(code)})`);

/** A process that a signal ended, with the code that a shell gives: 128 and the number of the signal. */
export const signaled = (signal: number): ProcessExit =>
  Number.isInteger(signal) && signal > 0 && signal < 128
    ? { kind: 'signaled', signal, code: 128 + signal }
    : unknownExit(`ended by a signal that cannot be (${String(signal)})`);

/**
 * The exit status as containerd takes it, an unsigned number of 32 bits; 255 for an unknown exit.
 *
 * Engines are not trusted to have used the functions above: what is no exit at all is unknown too.
 */
export const statusOf = (exit: ProcessExit): number => (hasCode(exit) ? exit.code >>> 0 : unknownStatus);

/** Whether an exit tells how the process ended. What JavaScript hands over may not be what the type says. */
export const hasCode = (exit: ProcessExit): exit is Exclude<ProcessExit, { kind: 'unknown' }> => {
  const told: ProcessExit | undefined | null = exit;
  return (told?.kind === 'exited' || told?.kind === 'signaled') && isCode(told.code);
};

const isCode = (code: unknown): code is number => Number.isInteger(code) && code !== -1;
