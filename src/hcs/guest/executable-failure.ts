/**
 * A process that could not be started because of its executable, reported as every other engine does.
 *
 * Microsoft's agent has one HRESULT for all failures of runc, so the message is parsed if the HRESULT says nothing.
 */
import { catchError, type MonoTypeOperatorFunction, throwError } from 'rxjs';
import { RxshimError } from '../failures/errors.js';
import { statusCodeOf } from '../failures/status-error.js';

/** HRESULTs of file errors, normalised as in `failures/codes.ts`. */
const [fileNotFound, accessDenied] = [0x2, 0x5];

const absent =
  /executable file not found|exec: .*no such file or directory|fork\/exec .*no such file or directory/;
const forbidden = /exec: .*permission denied|fork\/exec .*permission denied|exec format error/;

/** Passes everything on. A failure of the executable gets the kind and exit status of a shell. */
export const cannotBeExecuted = <T>(): MonoTypeOperatorFunction<T> =>
  catchError((error: unknown) => {
    const classified = error instanceof RxshimError ? withStatus(error) : undefined;
    return throwError(() => classified ?? error);
  });

const withStatus = (error: RxshimError): RxshimError | undefined => {
  const { cause, kind } = error;
  const code = statusCodeOf(cause);
  // Reported by the bridge, not by the guest: not a failure of the executable.
  if (code === undefined) return undefined;
  const message = error.message.slice(0, error.message.lastIndexOf(': '));
  if (code === fileNotFound || (kind === 'unknown' && absent.test(message))) {
    return new RxshimError('notFound', message, { cause, exitStatus: 127 });
  }
  if (code === accessDenied || (kind === 'unknown' && forbidden.test(message))) {
    return new RxshimError('failedPrecondition', message, { cause, exitStatus: 126 });
  }
  return undefined;
};
