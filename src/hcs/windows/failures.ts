/**
 * Adds the place to an error of the service, in hcsshim's wording, and its kind where it is unambiguous.
 */
import { catchError, type MonoTypeOperatorFunction, throwError } from 'rxjs';
import { isAccessIsDenied, isNotExist } from '../failures/classifiers.js';
import { type ErrorKind, messageOf, RxshimError } from '../failures/errors.js';
import { hcsError, processError, systemError } from '../failures/hcs-error.js';
import type { HcsEvent } from '../failures/result.js';
import { statusCodeOf } from '../failures/status-error.js';

const eventsOf = (error: unknown): readonly HcsEvent[] =>
  (error as { readonly events?: readonly HcsEvent[] } | undefined)?.events ?? [];

/** Adds the operation to an error. */
export const onService = <T>(op: string): MonoTypeOperatorFunction<T> =>
  catchError((error) =>
    throwError(() => (error instanceof RxshimError ? error : hcsError(op, error, eventsOf(error)))),
  );

/** Adds the operation and the system to an error. */
export const onSystem = <T>(op: string, id: string): MonoTypeOperatorFunction<T> =>
  catchError((error) =>
    throwError(() =>
      error instanceof RxshimError ? error : systemError(`hcs::System::${op}`, id, error, eventsOf(error)),
    ),
  );

/** Adds the operation and the process to an error. */
export const onProcess = <T>(op: string, id: string, pid: number): MonoTypeOperatorFunction<T> =>
  catchError((error) =>
    throwError(() => processError(`hcs::Process::${op}`, id, pid, error, eventsOf(error))),
  );

/** Turns "does not exist" into `notFound`. */
export const notFoundAs = <T>(what: string): MonoTypeOperatorFunction<T> =>
  catchError((cause) =>
    throwError(() => (isNotExist(cause) ? new RxshimError('notFound', what, { cause }) : cause)),
  );

/**
 * Turns "access denied" into an error that names the missing privilege. A missing system is reported as such before.
 */
export const notElevatedAs = <T>(what: string): MonoTypeOperatorFunction<T> =>
  catchError((cause) =>
    throwError(() =>
      isAccessIsDenied(cause)
        ? new RxshimError(
            'failedPrecondition',
            `${what}: the Host Compute Service refuses this user; run as an elevated administrator or a member of the group "Hyper-V Administrators"`,
            { cause },
          )
        : cause,
    ),
  );

/** Win32 codes that mean a failure of the program. Any other code means a failure of the system. */
const launchMeanings: Readonly<Record<number, readonly [ErrorKind, exitStatus: number]>> = {
  // No such file, no such path.
  2: ['notFound', 127],
  3: ['notFound', 127],
  // Access denied, not an executable, for another machine.
  5: ['failedPrecondition', 126],
  193: ['failedPrecondition', 126],
  216: ['failedPrecondition', 126],
};

/** The error of a process that could not be created, with the exit status of a shell if the program is at fault. */
export const onLaunch = <T>(id: string, commandLine: string): MonoTypeOperatorFunction<T> =>
  catchError((error) => {
    const cause = systemError(`hcs::System::CreateProcess: ${commandLine}`, id, error, eventsOf(error));
    const [kind, exitStatus] = launchMeanings[statusCodeOf(error) ?? 0] ?? [];
    return throwError(() =>
      kind === undefined
        ? cause
        : new RxshimError(kind, messageOf(cause), { cause, ...(exitStatus && { exitStatus }) }),
    );
  });
