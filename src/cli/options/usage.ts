/** How the program ends when it is at fault, or its user; the command's own code is passed on otherwise. */

export const exitCodes = {
  /** An option or argument is wrong. Nothing was started. */
  usage: 2,
  /** rxshim itself failed, as with Docker. */
  failed: 125,
} as const;

/** One line for the user, and the code to end with. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** @example badOption('--stop-timeout', 'soon', 'a duration such as 10s or 500ms') */
export const badOption = (option: string, value: string, expected: string): CliError =>
  new CliError(`${option}: expected ${expected}, got ${JSON.stringify(value)}`, exitCodes.usage);
