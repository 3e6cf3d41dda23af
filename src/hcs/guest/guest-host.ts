/**
 * The guest itself as a compute system: processes outside of its containers.
 *
 * The invariant: the system is the processes that were created through it. Its end is theirs; it never ends the guest,
 * with what other callers run there (`guest.shutDown` does). Such a process is described field by field, like a Windows
 * process, with a list of arguments. Microsoft's agent supports neither signals nor resizes for it and answers both
 * with "not found".
 */
import {
  AsyncSubject,
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  type Observable,
  take,
  tap,
  throwError,
} from 'rxjs';
import type { ComputeProcess, Delivery } from '../contract/compute-process.js';
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import { RxshimError } from '../failures/errors.js';
import type { BridgeEnd } from './bridge/failures.js';
import { executeProcess } from './execute-process.js';
import type { GuestContext } from './guest-context.js';
import { guestId } from './protocol/constants.js';

/** A system of its own for each caller, such as one task. */
export const guestHost = (guest: GuestContext): ComputeSystem => {
  const { bridge, signals } = guest;
  const exit$ = new AsyncSubject<SystemExit>();
  const running = new Set<ComputeProcess>();
  /** Processes that are being created. */
  let expected = 0;
  let ending = false;

  const leave = (exit: SystemExit): void => {
    exit$.next(exit);
    exit$.complete();
  };
  const endIfIdle = (): void => {
    if (ending && expected === 0 && running.size === 0 && bridge.ended === undefined)
      leave({ reason: 'ended' });
  };

  const createProcess: ComputeSystem['createProcess'] = (parameters) =>
    defer(() => {
      if (ending) throw new RxshimError('failedPrecondition', 'the processes of this system are being ended');
      expected += 1;
      let created = false;
      const settled = (): void => {
        if (!created) expected -= 1;
        created = true;
      };
      return executeProcess(guest, guestId, parameters).pipe(
        tap((process) => {
          settled();
          running.add(process);
          const ended = (): void => {
            running.delete(process);
            endIfIdle();
          };
          process.exit$.subscribe({ error: ended, complete: ended });
        }),
        tap({ error: settled, unsubscribe: settled, finalize: endIfIdle }),
      );
    });

  /** Signals the running processes, and waits for those that cannot be signalled. */
  const end = (signal: (process: ComputeProcess) => Observable<Delivery>): Observable<never> =>
    defer(() => {
      ending = true;
      endIfIdle();
      const requests = [...running].map((process) =>
        defer(() => signal(process)).pipe(
          ignoreElements(),
          catchError((error) => (bridge.ended === undefined ? throwError(() => error) : EMPTY)),
        ),
      );
      return merge(...requests);
    });

  return {
    id: guestId,
    os: 'linux',
    isOci: false,
    initInDocument: false,
    takesDescriptors: false,
    signals,
    exit$: merge(exit$, bridge.end$.pipe(map((end) => exitOf(guest, end)))).pipe(take(1)),
    start: () => EMPTY,
    createProcess,
    fresh: () => guestHost(guest),
    shutdown: () => end((process) => process.signal({ Signal: 15 })),
    terminate: () => end((process) => process.kill()),
    // Local only: the processes keep running in the guest.
    close: () =>
      defer(() => {
        leave({ reason: 'closed' });
        return EMPTY;
      }),
    pids: () =>
      throwError(() => new RxshimError('notImplemented', 'a guest does not list its own processes')),
  };
};

const exitOf = ({ powerOff }: GuestContext, { by, error }: BridgeEnd): SystemExit => {
  if (by === 'host') return { reason: 'closed' };
  return by === 'guest' && powerOff.requested
    ? { reason: 'ended' }
    : { reason: 'lost', ...(error !== undefined && { error }) };
};
