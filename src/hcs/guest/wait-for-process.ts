/** Waits for the exit of a process in a guest. */
import { catchError, map, type Observable, of, throwError } from 'rxjs';
import type { ProcessExit } from '../contract/compute-process.js';
import { exited, unknownExit } from '../contract/exit-code.js';
import { hcsCodes } from '../failures/codes.js';
import { statusCodeOf } from '../failures/status-error.js';
import type { Bridge } from './bridge/bridge.js';
import { forever } from './protocol/constants.js';

export interface Wait {
  readonly containerId: string;
  readonly pid: number;
  /** The reserved id of the request. */
  readonly id?: bigint;
  /** The activity of the request that has created the process. */
  readonly activity?: string;
}

/** Sends the wait when subscribed to. Errors when the bridge ends. */
export const waitForProcess = (
  bridge: Bridge,
  { containerId, pid, id, activity }: Wait,
): Observable<ProcessExit> =>
  bridge
    .call(
      'waitForProcess',
      containerId,
      {
        ProcessId: pid,
        TimeoutInMs: forever,
        ...(activity !== undefined && { ProcessActivityId: activity }),
      },
      { unbounded: true, ...(id !== undefined && { id }) },
    )
    .pipe(
      map(({ ExitCode = 0 }) => exited(ExitCode)),
      catchError((error) =>
        isGone(error) ? of(unknownExit('the guest has forgotten the process')) : throwError(() => error),
      ),
    );

/** Whether the guest knows no such process. */
export const isGone = (error: unknown): boolean =>
  error instanceof Error && statusCodeOf(error.cause) === hcsCodes.elementNotFound;
