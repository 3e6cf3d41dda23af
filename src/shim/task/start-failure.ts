/**
 * The failure to start a program that is missing or not executable, as containerd's own shim answers it: `unknown`.
 *
 * For the library it is `notFound` or `failedPrecondition`. A client of containerd would take that for the class of the
 * container or the exec itself, and Docker shows it before the message.
 */
import { catchError, type MonoTypeOperatorFunction, throwError } from 'rxjs';
import { RxshimError } from '../../hcs/failures/errors.js';

export const withStartFailure = <T>(): MonoTypeOperatorFunction<T> =>
  catchError((error: unknown) => throwError(() => (isStartFailure(error) ? unclassified(error) : error)));

/** Only such a failure has an exit status. */
const isStartFailure = (error: unknown): error is RxshimError =>
  error instanceof RxshimError && error.exitStatus !== undefined;

const unclassified = (error: RxshimError): RxshimError =>
  new RxshimError('unknown', error.message.replace(/: (not found|failed precondition)$/, ''), {
    cause: error,
  });
