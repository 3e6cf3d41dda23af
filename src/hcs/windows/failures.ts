/**
 * Says of what the service answered where it happened, in the original's words, and of which class it is where that is
 * plain.
 */
import { catchError, type MonoTypeOperatorFunction, throwError } from 'rxjs';
import { isAccessIsDenied, isNotExist } from '../failures/classifiers.js';
import { type ErrorKind, messageOf, RxshimError } from '../failures/errors.js';
import { hcsError, processError, systemError } from '../failures/hcs-error.js';
import type { HcsEvent } from '../failures/result.js';
import { statusCodeOf } from '../failures/status-error.js';

const eventsOf = (error: unknown): readonly HcsEvent[] =>
  (error as { readonly events?: readonly HcsEvent[] } | undefined)?.events ?? [];

/** Names the operation in what goes wrong. */
export const onService = <T>(op: string): MonoTypeOperatorFunction<T> =>
  catchError((error) =>
    throwError(() => (error instanceof RxshimError ? error : hcsError(op, error, eventsOf(error)))),
  );

/** Names the system in what goes wrong. */
export const onSystem = <T>(op: string, id: string): MonoTypeOperatorFunction<T> =>
  catchError((error) =>
    throwError(() =>
      error instanceof RxshimError ? error : systemError(`hcs::System::${op}`, id, error, eventsOf(error)),
    ),
  );

/** Names the process in what goes wrong. */
export const onProcess = <T>(op: string, id: string, pid: number): MonoTypeOperatorFunction<T> =>
  catchError((error) =>
    throwError(() => processError(`hcs::Process::${op}`, id, pid, error, eventsOf(error))),
  );

/** Where there is no system of that name. */
export const notFoundAs = <T>(what: string): MonoTypeOperatorFunction<T> =>
  catchError((cause) =>
    throwError(() => (isNotExist(cause) ? new RxshimError('notFound', what, { cause }) : cause)),
  );

/** Where the service is not for this user. Of a system that is not there it says so before. */
export const notElevatedAs = <T>(what: string): MonoTypeOperatorFunction<T> =>
  catchError((cause) =>
    throwError(() =>
      isAccessIsDenied(cause)
        ? new RxshimError(
            'failedPrecondition',
            `${what}: the Host Compute Service refuses this user, who has to be an elevated administrator or of the group "Hyper-V Administrators"`,
            { cause },
          )
        : cause,
    ),
  );

/** The Win32 codes that say something about the program; any other says something about the system. */
const launchMeanings: Readonly<Record<number, readonly [ErrorKind, exitStatus: number]>> = {
  // No such file, no such path.
  2: ['notFound', 127],
  3: ['notFound', 127],
  // Access denied, not an executable, for another machine.
  5: ['failedPrecondition', 126],
  193: ['failedPrecondition', 126],
  216: ['failedPrecondition', 126],
};

/** Of a process that could not be created: whether it is the program's fault, as a shell would tell. */
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
