/**
 * Exit codes and errors of the program itself. The command's own exit code is passed on otherwise.
 */

import { systemReason } from '../system-reason.js';

export const exitCodes = {
  /** An invalid option or argument. Nothing was started. */
  usage: 2,
  /** A failure of rxshim itself; the same code as Docker's. */
  failed: 125,
} as const;

/** One line for the user, and the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** For two options that exclude each other. */
export const excludes = (option: string, other: string): CliError =>
  new CliError(`${option}: cannot be combined with ${other}`, exitCodes.usage);

/** For a file that an option names. */
export const unreadable = (option: string, path: string, cause: unknown): CliError =>
  new CliError(
    `${option}: cannot read ${JSON.stringify(path)}: ${systemReason(cause)}`,
    exitCodes.usage,
    cause,
  );

/** @example badOption('--stop-timeout', 'soon', 'a duration such as 10s or 500ms') */
export const badOption = (option: string, value: string, expected: string): CliError =>
  new CliError(`${option}: expected ${expected}, got ${JSON.stringify(value)}`, exitCodes.usage);
