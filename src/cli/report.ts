/**
 * Describes a failure in one line, and maps it to an exit code.
 */
import { RxshimError } from '../hcs/failures/errors.js';
import { CliError, exitCodes } from './options/usage.js';
import { systemMessage } from './system-reason.js';

export interface Report {
  /** The failure in words. */
  readonly message: string;
  readonly exitCode: number;
}

export const reportOf = (error: unknown): Report => {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof RxshimError) {
    // The message ends with containerd's name for its kind, which adds nothing for a person.
    const words = error.message.slice(0, error.message.lastIndexOf(': '));
    // Except where it is the reason.
    const isReason = error.kind === 'alreadyExists' && !/already|another/.test(words);
    const message = isReason ? error.message : words;
    return { message, exitCode: error.exitStatus ?? exitCodes.failed };
  }
  return { message: systemMessage(error), exitCode: exitCodes.failed };
};
