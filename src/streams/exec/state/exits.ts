/**
 * Builds the exits of an exec. One function for each way to end, so that status codes are decided in one place.
 */
import type { ProcessExit } from '../../../hcs/contract/compute-process.js';
import { hasCode, statusOf, unknownStatus } from '../../../hcs/contract/exit-code.js';
import type { ErrorData } from '../../error-data.js';
import type { RecordedExit } from './state.js';

const failedStatus = 1;

/** The exit that a process reported itself, at the time that it names, or at that of the report. */
export const reported = (exit: ProcessExit, reportedAt: number): RecordedExit => {
  const at = exit.at ?? reportedAt;
  const status = statusOf(exit);
  if (hasCode(exit)) {
    return exit.kind === 'exited'
      ? { kind: 'exited', code: exit.code, status, at, forced: false }
      : { kind: 'signaled', signal: exit.signal, status, at, forced: false };
  }
  const reason = exit.kind === 'unknown' ? exit.reason : 'the engine reported no exit code';
  return { kind: 'lost', reason, status, at, forced: false };
};

export const discarded = (status: number, at: number): RecordedExit => ({
  kind: 'discarded',
  status: status >>> 0,
  at,
  forced: false,
});

/** A failed start exits like a shell's: 127 or 126 when the engine says so, else 1. */
export const startFailed = (error: ErrorData, at: number, forced = false): RecordedExit => ({
  kind: 'startFailed',
  error,
  status: error.exitStatus ?? failedStatus,
  at,
  forced,
});

/** A process that was killed and did not report its exit within the timeout. */
export const timedOut = (at: number, status = unknownStatus): RecordedExit => ({
  kind: 'lost',
  reason: 'its end was not reported in time',
  status: status >>> 0,
  at,
  forced: true,
});
