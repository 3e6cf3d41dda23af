/**
 * Translates a failed start of a process whose executable was found.
 */
import { type ErrorKind, messageOf, RxshimError } from '../../failures/errors.js';
import type { Program } from '../program/program.js';

/** Codes that mean a failure of the program. Any other code means a failure of this host. */
const meanings: Readonly<Record<string, readonly [ErrorKind, exitStatus: number, text: string]>> = {
  ENOENT: ['notFound', 127, 'it or its interpreter does not exist'],
  ENOTDIR: ['notFound', 127, 'it or its interpreter does not exist'],
  EACCES: ['failedPrecondition', 126, 'permission denied'],
  EPERM: ['failedPrecondition', 126, 'operation not permitted'],
  ENOEXEC: ['failedPrecondition', 126, 'exec format error'],
  ELIBBAD: ['failedPrecondition', 126, 'accessing a corrupted shared library'],
  ETXTBSY: ['failedPrecondition', 126, 'text file busy'],
  ELOOP: ['failedPrecondition', 126, 'too many levels of symbolic links'],
  E2BIG: ['invalidArgument', 126, 'argument list too long'],
};

/** A typed error for a failure that Node or the C library reported with a `code`. */
export const launchError = ({ args, user }: Program, cause: unknown): RxshimError => {
  if (cause instanceof RxshimError) return cause;
  const { code = '' } = cause as NodeJS.ErrnoException;
  const name = `exec: ${JSON.stringify(args[0])}`;
  if (code === 'EPERM' && user) {
    return new RxshimError(
      'failedPrecondition',
      `${name}: not permitted to run as user ${user.uid}:${user.gid}`,
      { cause },
    );
  }
  const [kind, exitStatus, text] = meanings[code] ?? [];
  if (kind) return new RxshimError(kind, `${name}: ${text}`, { cause, ...(exitStatus && { exitStatus }) });
  return new RxshimError('unavailable', `${name}: ${messageOf(cause)}`, { cause });
};
