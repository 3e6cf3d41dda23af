/**
 * The guest itself as a compute system: processes outside of its containers.
 *
 * Such a process is described field by field, like a Windows process, with a list of arguments. Microsoft's agent
 * supports neither signals nor resizes for it and answers both with "not found".
 */
import { catchError, defer, EMPTY, map, type Observable, throwError } from 'rxjs';
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import { RxshimError } from '../failures/errors.js';
import type { BridgeEnd } from './bridge/failures.js';
import { endSystem } from './end-system.js';
import { executeProcess } from './execute-process.js';
import type { GuestContext } from './guest-context.js';
import { guestId } from './protocol/constants.js';

export const guestHost = (guest: GuestContext): ComputeSystem => {
  const { bridge, signals } = guest;
  let asked = false;
  const exitOf = ({ by, error }: BridgeEnd): SystemExit => {
    if (by === 'host') return { reason: 'closed' };
    return by === 'guest' && asked
      ? { reason: 'ended' }
      : { reason: 'lost', ...(error !== undefined && { error }) };
  };
  // There is no answer: the guest confirms by ending the bridge.
  const end = (how: 'shutdownGraceful' | 'shutdownForced'): Observable<unknown> =>
    defer(() => {
      asked = true;
      return endSystem(guest, guestId, how).pipe(
        catchError((error) => (bridge.ended?.by === 'guest' ? EMPTY : throwError(() => error))),
      );
    });
  return {
    id: guestId,
    os: 'linux',
    isOci: false,
    initInDocument: false,
    takesDescriptors: false,
    signals,
    exit$: bridge.end$.pipe(map(exitOf)),
    start: () => EMPTY,
    createProcess: (parameters) => executeProcess(guest, guestId, parameters),
    shutdown: () => end('shutdownGraceful'),
    terminate: () => end('shutdownForced'),
    close: () => EMPTY,
    pids: () =>
      throwError(() => new RxshimError('notImplemented', 'a guest does not list its own processes')),
  };
};
