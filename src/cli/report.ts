/** A failure as one line for the user, and the code that this program ends with. */
import { messageOf, RxshimError } from '../hcs/failures/errors.js';
import { CliError, exitCodes } from './options/usage.js';

export interface Report {
  readonly line: string;
  readonly exitCode: number;
}

export const reportOf = (error: unknown): Report => {
  if (error instanceof CliError) return { line: `rxshim: ${error.message}`, exitCode: error.exitCode };
  if (error instanceof RxshimError) {
    // Its last words are containerd's name for its kind, which says nothing new to people.
    const message = error.message.slice(0, error.message.lastIndexOf(': '));
    return { line: `rxshim: ${message}`, exitCode: error.exitStatus ?? exitCodes.failed };
  }
  return { line: `rxshim: ${messageOf(error)}`, exitCode: exitCodes.failed };
};
