/**
 * The service by computecore.dll: every function that takes time is an operation. On Windows Server 2019, Windows 10
 * 1809 and later.
 */
import { defer, EMPTY, map, of, switchMap } from 'rxjs';
import type { Act } from '../contract/compute-process.js';
import { handles } from './computecore-handles.js';
import type { HcsApi, ProcessInfo } from './hcs-api.js';
import type { Listeners } from './listeners.js';
import type { NoticeBoard } from './notices.js';
import { kept, orUndo } from './opened.js';
import type { Operate } from './operations.js';
import { processInfoSlot, readProcessInfo } from './process-info.js';
import type { Resource } from './resource.js';
import type { Service } from './service-call.js';
import type { Timeouts } from './timeouts.js';

const GENERIC_ALL = 0x10000000;

export interface ComputecoreParts {
  readonly service: Service;
  readonly operate: Operate;
  readonly boards: Listeners<NoticeBoard>;
  readonly timeouts: Timeouts;
  /** Closes the caller's ends of a process that nobody got. */
  readonly discard: (info: ProcessInfo) => void;
}

export const computecore = ({ service, operate, boards, timeouts, discard }: ComputecoreParts): HcsApi => {
  const { signals } = service;
  const { bare, open, make, watch } = handles({ service, operate, boards, timeout: timeouts.call });
  const timeout = timeouts.call;
  const nothing = () => undefined;

  /** On a handle, with a document; no answer is expected but that it is done. */
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
        kept((system) => system.close()),
      ),
    openSystem: (id) =>
      open('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id, GENERIC_ALL] }).pipe(
        switchMap((handle) => watch('ComputeSystem', handle)),
        kept((system) => system.close()),
      ),
    reopenSystem: (id) =>
      open('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id, GENERIC_ALL] }).pipe(
        map((handle) => bare('ComputeSystem', handle)),
      ),
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
      defer(() => {
        const info = processInfoSlot();
        const drop = () => discard(readProcessInfo(info));
        return make('Process', {
          name: 'HcsCreateProcess',
          on: [system],
          args: (operation, slot) => [parameters, operation, null, slot],
          timeout,
          info,
          discard: drop,
        }).pipe(
          switchMap((handle) =>
            watch('Process', handle).pipe(
              orUndo(() => {
                drop();
                return EMPTY;
              }),
            ),
          ),
          map((process) => ({ process, info: readProcessInfo(info) })),
          kept(({ process }) => {
            drop();
            return process.close();
          }),
        );
      }),
    openProcess: (system, pid) =>
      open('Process', { name: 'HcsOpenProcess', on: [system], args: [pid, GENERIC_ALL] }).pipe(
        map((handle) => bare('Process', handle)),
      ),
    exitStatus: (_process, told) => of(told ?? ''),
    terminateProcess: (process) => act('HcsTerminateProcess', process, null),
    signalProcess: (process, options) =>
      operate({
        name: 'HcsSignalProcess',
        on: [process],
        args: (operation) => [operation, options],
        timeout,
        result: nothing,
        lane: signals,
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
