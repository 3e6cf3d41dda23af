/**
 * The service by computecore.dll, whose slow functions are asynchronous operations. For Windows Server 2019, Windows 10
 * 1809 and later.
 */
import { of, switchMap } from 'rxjs';
import type { Act } from '../../../contract/compute-process.js';
import type { HcsApi } from '../api.js';
import { closeIfUnwanted } from '../cleanup.js';
import { type HandleParts, handles } from '../handles.js';
import type { Resource } from '../resource.js';
import type { Timeouts } from '../timeouts.js';
import { createHandle } from './create-handle.js';
import type { Operate } from './operations.js';

const GENERIC_ALL = 0x10000000;

export interface ComputecoreParts extends Pick<HandleParts, 'service' | 'registries' | 'discard'> {
  readonly operate: Operate;
  readonly timeouts: Timeouts;
}

const callbackCalls =
  (callback: bigint): HandleParts['callbackCalls'] =>
  (kind, handle, number) => {
    const name = `HcsSet${kind}Callback`;
    return {
      register: { name, args: [0, number, callback] },
      unregister: () => ({ name, args: [handle, 0, 0, null] }),
    };
  };

export const computecore = ({
  service,
  operate,
  registries,
  timeouts,
  discard,
}: ComputecoreParts): HcsApi => {
  const { signals } = service;
  const { bare, watch, openWatched, openUnwatched, createProcess } = handles({
    service,
    registries,
    callbackCalls: callbackCalls(registries.callback),
    hasDocument: false,
    discard,
  });
  const make = createHandle({ operate, bare, timeout: timeouts.call });
  const timeout = timeouts.call;
  const nothing = () => undefined;

  /** An operation on a handle, with a document and without an answer. */
  const act = (name: string, on: Resource, document: string | null): Act =>
    operate({ name, on: [on], args: (op) => [op, document], timeout, result: nothing });

  return {
    name: 'computecore',
    createSystem: (id, document) =>
      make('ComputeSystem', {
        name: 'HcsCreateComputeSystem',
        args: (operation, slot) => [id, document, operation, null, slot],
        timeout: timeouts.create,
      }).pipe(
        switchMap((handle) => watch('ComputeSystem', handle)),
        closeIfUnwanted((system) => system.close()),
      ),
    openSystem: (id) =>
      openWatched('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id, GENERIC_ALL] }),
    reopenSystem: (id) =>
      openUnwatched('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id, GENERIC_ALL] }),
    startSystem: (system) =>
      operate({
        name: 'HcsStartComputeSystem',
        on: [system],
        args: (operation) => [operation, null],
        timeout: timeouts.start,
        result: nothing,
      }),
    shutdownSystem: (system) => act('HcsShutDownComputeSystem', system, null),
    terminateSystem: (system) => act('HcsTerminateComputeSystem', system, null),
    systemProperties: (system, query) =>
      operate({
        name: 'HcsGetComputeSystemProperties',
        on: [system],
        args: (operation) => [operation, query],
        timeout,
        result: (document) => document,
      }),
    createProcess: (system, parameters) =>
      createProcess((info, discardPipes) =>
        make('Process', {
          name: 'HcsCreateProcess',
          on: [system],
          args: (operation, slot) => [parameters, operation, null, slot],
          timeout,
          info,
          discard: discardPipes,
        }),
      ),
    openProcess: (system, pid) =>
      openUnwatched('Process', { name: 'HcsOpenProcess', on: [system], args: [pid, GENERIC_ALL] }),
    exitStatus: (_process, reported) => of(reported ?? ''),
    terminateProcess: (process) => act('HcsTerminateProcess', process, null),
    signalProcess: (process, options) =>
      operate({
        name: 'HcsSignalProcess',
        on: [process],
        args: (operation) => [operation, options],
        timeout,
        result: nothing,
        semaphore: signals,
      }),
    modifyProcess: (process, request) => act('HcsModifyProcess', process, request),
    enumerateSystems: (query) =>
      operate({
        name: 'HcsEnumerateComputeSystems',
        args: (operation) => [query, operation],
        timeout,
        result: (document) => document,
      }),
  };
};
