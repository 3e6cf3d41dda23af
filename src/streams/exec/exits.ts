/**
 * The ways to end, as values. One function for each, so that status codes are decided in one place.
 */
import type { ProcessExit } from '../../hcs/contract/compute-process.js';
import { hasCode, statusOf, unknownStatus } from '../../hcs/contract/exit-code.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import type { ExecExit } from './exec-state.js';

const failedStatus = 1;

/** The end that a process reported itself. */
export const reported = (exit: ProcessExit, at: number): ExecExit => {
  const status = statusOf(exit);
  if (hasCode(exit)) {
    return exit.kind === 'exited'
      ? { kind: 'exited', code: exit.code, status, at, forced: false }
      : { kind: 'signaled', signal: exit.signal, status, at, forced: false };
  }
  const reason = exit.kind === 'unknown' ? exit.reason : 'the engine told no exit code';
  return { kind: 'lost', reason, status, at, forced: false };
};

export const discarded = (status: number, at: number): ExecExit => ({
  kind: 'discarded',
  status: status >>> 0,
  at,
  forced: false,
});

/** A failed start ends like a shell's: 127 or 126 when the engine says so, else 1. */
export const startFailed = (error: unknown, at: number): ExecExit => ({
  kind: 'startFailed',
  error,
  status: (error instanceof RxshimError ? error.exitStatus : undefined) ?? failedStatus,
  at,
  forced: false,
});

/** A process that was killed and did not report its end in time. */
export const givenUp = (reason: string, at: number, status = unknownStatus): ExecExit => ({
  kind: 'lost',
  reason,
  status: status >>> 0,
  at,
  forced: true,
});
