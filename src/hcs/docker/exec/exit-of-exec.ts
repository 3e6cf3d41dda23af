/**
 * Which answers of a daemon are the exit of an exec. Most that look like one are not.
 *
 * Podman says `ExitCode: 0` of an exec that was never started and of one that runs; Docker says `null`. A stream that
 * ends may have been cut off. So a code counts only where nothing runs any more, and something did run.
 */
import type { ExecDetails } from './exec-api.js';

export interface ExecProof {
  /** It has been seen to run: by its process id, its output, or an end of its stream. */
  readonly started: boolean;
  /** Its stream has ended, so that it is over also where `Running` is not kept up to date. */
  readonly ended: boolean;
}

/** The exit code, if the answer is one. */
export const exitCodeOfExec = (
  { Running, ExitCode }: ExecDetails,
  { started, ended }: ExecProof,
): number | undefined => {
  if (Running || !started || !Number.isInteger(ExitCode)) return undefined;
  // Without the end of the stream a zero may be that of an exec which has not reported yet.
  if (ExitCode === 0 && !ended) return undefined;
  return ExitCode as number;
};
