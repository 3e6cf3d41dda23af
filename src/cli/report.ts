/**
 * Describes a failure in one line, and maps it to an exit code.
 */
import { messageOf, RxshimError } from '../hcs/failures/errors.js';
import { CliError, exitCodes } from './options/usage.js';

export interface Report {
  /** The failure in words. */
  readonly message: string;
  readonly exitCode: number;
}

export const reportOf = (error: unknown): Report => {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof RxshimError) {
    // The message ends with containerd's name for its kind, which adds nothing for a person.
    const message = error.message.slice(0, error.message.lastIndexOf(': '));
    return { message, exitCode: error.exitStatus ?? exitCodes.failed };
  }
  return { message: messageOf(error), exitCode: exitCodes.failed };
};
