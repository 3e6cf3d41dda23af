/**
 * The service by vmcompute.dll: its functions return when they are done, or report "pending" and complete by a
 * notification. On every Windows that has containers.
 */
import { defer, EMPTY, map, type Observable, switchMap } from 'rxjs';
import type { Act } from '../../../contract/compute-process.js';
import type { HcsApi, Watched } from '../api.js';
import { closeIfUnwanted, thenEmit, undoOnError } from '../cleanup.js';
import { type HandleParts, handles } from '../handles.js';
import { type NotificationKind, succeeded } from '../notifications.js';
import type { Resource } from '../resource.js';
import type { Timeouts } from '../timeouts.js';
import { withTimeout } from '../with-timeout.js';

export interface VmcomputeParts extends Pick<HandleParts, 'service' | 'registries' | 'discard'> {
  readonly timeouts: Timeouts;
}

const callbackCalls =
  (callback: bigint): HandleParts['callbackCalls'] =>
  (kind, _handle, number) => {
    const registration = new BigUint64Array(1);
    return {
      register: { name: `HcsRegister${kind}Callback`, args: [callback, number, registration] },
      unregister: () => ({ name: `HcsUnregister${kind}Callback`, args: [Number(registration[0])] }),
    };
  };

export const vmcompute = ({ service, registries, timeouts, discard }: VmcomputeParts): HcsApi => {
  const { call, signals, text } = service;
  const { open, watch, openWatched, openUnwatched, createProcess } = handles({
    service,
    registries,
    callbackCalls: callbackCalls(registries.callback),
    hasDocument: true,
    discard,
  });
  const act = (name: string, on: Resource, ...args: unknown[]): Act => call({ name, on: [on], args });

  /** A call that returns a string. */
  const ask = (name: string, on: readonly Resource[], ...args: unknown[]): Observable<string> =>
    defer(() => {
      const { slot, take } = text();
      return call({ name, on, args: [...args, slot], result: () => take() ?? '', onUnwanted: take });
    });

  /** Waits for the notification that completes a pending call. */
  const awaited = (pending: boolean, system: Watched, kind: NotificationKind, time: number): Act =>
    pending ? system.notifications.when(kind).pipe(switchMap(succeeded), withTimeout(time)) : EMPTY;

  return {
    name: 'vmcompute',
    createSystem: (id, document) =>
      open('ComputeSystem', { name: 'HcsCreateComputeSystem', args: [id, document, 0], mayPend: true }).pipe(
        switchMap(({ handle, pending }) =>
          watch('ComputeSystem', handle).pipe(
            switchMap((system) =>
              awaited(pending, system, 'created', timeouts.create).pipe(
                undoOnError(system.close),
                thenEmit(system),
              ),
            ),
          ),
        ),
        closeIfUnwanted<Watched>((system) => system.close()),
      ),
    openSystem: (id) => openWatched('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id] }),
    reopenSystem: (id) => openUnwatched('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id] }),
    startSystem: (system) =>
      call({
        name: 'HcsStartComputeSystem',
        on: [system],
        args: [''],
        mayPend: true,
        result: isPending,
      }).pipe(switchMap((pending) => awaited(pending, system, 'started', timeouts.start))),
    shutdownSystem: (system) => act('HcsShutdownComputeSystem', system, ''),
    terminateSystem: (system) => act('HcsTerminateComputeSystem', system, ''),
    systemProperties: (system, query) => ask('HcsGetComputeSystemProperties', [system], query),
    createProcess: (system, parameters) =>
      createProcess((info, discardPipes) =>
        open('Process', {
          name: 'HcsCreateProcess',
          on: [system],
          args: [parameters, new Uint8Array(info.buffer)],
          discard: discardPipes,
        }).pipe(map(({ handle }) => handle)),
      ),
    openProcess: (system, pid) =>
      openUnwatched('Process', { name: 'HcsOpenProcess', on: [system], args: [pid] }),
    exitStatus: (process) => ask('HcsGetProcessProperties', [process]),
    terminateProcess: (process) => act('HcsTerminateProcess', process),
    signalProcess: (process, options) =>
      call({ name: 'HcsSignalProcess', on: [process], args: [options], semaphore: signals }),
    modifyProcess: (process, request) => act('HcsModifyProcess', process, request),
    enumerateSystems: (query) => ask('HcsEnumerateComputeSystems', [], query),
  };
};

const isPending = (pending: boolean): boolean => pending;
