/**
 * Translates a failed start of a process on Windows.
 */
import { type ErrorKind, invalid, messageOf, RxshimError } from '../../failures/errors.js';
import { statusCodeOf } from '../../failures/status-error.js';
import type { Program } from './program.js';

const meanings: Readonly<Record<number, readonly [ErrorKind, exitStatus: number, text: string]>> = {
  2: ['notFound', 127, 'executable file not found in %PATH%'],
  3: ['notFound', 127, 'no such file or directory'],
  5: ['failedPrecondition', 126, 'access is denied'],
  193: ['failedPrecondition', 126, 'not an executable'],
  216: ['failedPrecondition', 126, 'an executable for another machine'],
  740: ['failedPrecondition', 126, 'it needs an elevated user'],
};
const BAD_DIRECTORY = 267;

export const launchError = ({ commandLine, directory }: Program, cause: unknown): RxshimError => {
  if (cause instanceof RxshimError) return cause;
  const code = statusCodeOf(cause) ?? 0;
  if (code === BAD_DIRECTORY) return invalid('cwd', directory, 'a directory', cause);
  const name = `exec: ${JSON.stringify(commandLine)}`;
  const [kind, exitStatus, text] = meanings[code] ?? [];
  if (kind) return new RxshimError(kind, `${name}: ${text}`, { cause, ...(exitStatus && { exitStatus }) });
  return new RxshimError('unavailable', `${name}: ${messageOf(cause)}`, { cause });
};
