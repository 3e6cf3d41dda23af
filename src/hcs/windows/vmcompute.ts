/**
 * The service by vmcompute.dll: functions that return when they are done, and notices by callback for those that are
 * not. On every Windows that has containers.
 */
import { defer, EMPTY, map, type Observable, switchMap } from 'rxjs';
import type { Act } from '../contract/compute-process.js';
import type { HcsApi, ProcessInfo, Watched } from './hcs-api.js';
import type { Listeners } from './listeners.js';
import { type NoticeBoard, type NoticeKind, succeeded } from './notices.js';
import { kept, orUndo, yielding } from './opened.js';
import { processInfoSlot, readProcessInfo } from './process-info.js';
import type { Resource } from './resource.js';
import type { Service } from './service-call.js';
import type { Timeouts } from './timeouts.js';
import { handles } from './vmcompute-handles.js';
import { within } from './within.js';

export interface VmcomputeParts {
  readonly service: Service;
  readonly boards: Listeners<NoticeBoard>;
  readonly timeouts: Timeouts;
  /** Closes the caller's ends of a process that nobody got. */
  readonly discard: (info: ProcessInfo) => void;
}

export const vmcompute = ({ service, boards, timeouts, discard }: VmcomputeParts): HcsApi => {
  const { call, signals, text } = service;
  const { bare, open, watch } = handles({ service, boards });
  const act = (name: string, on: Resource, ...args: unknown[]): Act => call({ name, on: [on], args });

  /** A call with a text as its answer. */
  const ask = (name: string, on: readonly Resource[], ...args: unknown[]): Observable<string> =>
    defer(() => {
      const { slot, take } = text();
      return call({ name, on, args: [...args, slot], result: () => take() ?? '', unwanted: take });
    });

  /** Of what goes on when its call returns, a notice tells the end. */
  const awaited = (pending: boolean, system: Watched, kind: NoticeKind, time: number): Act =>
    pending ? system.notices.when(kind).pipe(switchMap(succeeded), within(time)) : EMPTY;

  return {
    name: 'vmcompute',
    createSystem: (id, document) =>
      open('ComputeSystem', { name: 'HcsCreateComputeSystem', args: [id, document, 0], mayPend: true }).pipe(
        switchMap(({ handle, pending }) =>
          watch('ComputeSystem', handle).pipe(
            switchMap((system) =>
              awaited(pending, system, 'created', timeouts.create).pipe(
                orUndo(system.close),
                yielding(system),
              ),
            ),
          ),
        ),
        kept<Watched>((system) => system.close()),
      ),
    openSystem: (id) =>
      open('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id] }).pipe(
        switchMap(({ handle }) => watch('ComputeSystem', handle)),
        kept<Watched>((system) => system.close()),
      ),
    reopenSystem: (id) =>
      open('ComputeSystem', { name: 'HcsOpenComputeSystem', args: [id] }).pipe(
        map(({ handle }) => bare('ComputeSystem', handle)),
      ),
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
      defer(() => {
        const info = processInfoSlot();
        const drop = () => discard(readProcessInfo(info));
        return open('Process', {
          name: 'HcsCreateProcess',
          on: [system],
          args: [parameters, new Uint8Array(info.buffer)],
          discard: drop,
        }).pipe(
          switchMap(({ handle }) =>
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
      open('Process', { name: 'HcsOpenProcess', on: [system], args: [pid] }).pipe(
        map(({ handle }) => bare('Process', handle)),
      ),
    exitStatus: (process) => ask('HcsGetProcessProperties', [process]),
    terminateProcess: (process) => act('HcsTerminateProcess', process),
    signalProcess: (process, options) =>
      call({ name: 'HcsSignalProcess', on: [process], args: [options], lane: signals }),
    modifyProcess: (process, request) => act('HcsModifyProcess', process, request),
    enumerateSystems: (query) => ask('HcsEnumerateComputeSystems', [], query),
  };
};

const isPending = (pending: boolean): boolean => pending;
