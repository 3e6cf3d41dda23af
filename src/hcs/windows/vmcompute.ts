/**
 * The service by vmcompute.dll: functions that return when they are done, and notices by callback for those that are
 * not. On every Windows that has containers.
 */
import { concat, defer, EMPTY, map, type Observable, switchMap } from 'rxjs';
import type { Act } from '../compute-process.js';
import type { HcsApi, ProcessInfo, Watched } from './hcs-api.js';
import type { Listeners } from './listeners.js';
import { type NoticeBoard, type NoticeKind, noticeBoard, succeeded } from './notices.js';
import { kept, orUndo, settled, yielding } from './opened.js';
import { processInfoSlot, readProcessInfo } from './process-info.js';
import { type Resource, resource } from './resource.js';
import type { Service, ServiceCall } from './service-call.js';
import type { Timeouts } from './timeouts.js';
import { within } from './within.js';

/** The functions that are used, with the types of their results and parameters. */
export const vmcomputeFunctions = {
  HcsEnumerateComputeSystems: ['int32', 'str16', 'void *', 'void *'],
  HcsCreateComputeSystem: ['int32', 'str16', 'str16', 'uintptr_t', 'void *', 'void *'],
  HcsOpenComputeSystem: ['int32', 'str16', 'void *', 'void *'],
  HcsCloseComputeSystem: ['int32', 'uintptr_t'],
  HcsStartComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsShutdownComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsTerminateComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsGetComputeSystemProperties: ['int32', 'uintptr_t', 'str16', 'void *', 'void *'],
  HcsModifyComputeSystem: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsRegisterComputeSystemCallback: ['int32', 'uintptr_t', 'void *', 'uintptr_t', 'void *'],
  HcsUnregisterComputeSystemCallback: ['int32', 'uintptr_t'],
  HcsCreateProcess: ['int32', 'uintptr_t', 'str16', 'void *', 'void *', 'void *'],
  HcsOpenProcess: ['int32', 'uintptr_t', 'uint32', 'void *', 'void *'],
  HcsCloseProcess: ['int32', 'uintptr_t'],
  HcsTerminateProcess: ['int32', 'uintptr_t', 'void *'],
  HcsSignalProcess: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsGetProcessProperties: ['int32', 'uintptr_t', 'void *', 'void *'],
  HcsModifyProcess: ['int32', 'uintptr_t', 'str16', 'void *'],
  HcsRegisterProcessCallback: ['int32', 'uintptr_t', 'void *', 'uintptr_t', 'void *'],
  HcsUnregisterProcessCallback: ['int32', 'uintptr_t'],
} as const;

/** Of its callback: type, context, status, data. */
export const vmcomputeCallback = ['uint32', 'uintptr_t', 'int32', 'str16'] as const;

/** The notices that mean something here, by the numbers that this library gives them. */
export const vmcomputeNotices: ReadonlyMap<number, NoticeKind> = new Map([
  [0x1, 'systemExited'],
  [0x2, 'created'],
  [0x3, 'started'],
  [0x10000, 'processExited'],
  [0x1000000, 'serviceDisconnect'],
]);

type Kind = 'ComputeSystem' | 'Process';

export interface VmcomputeParts {
  readonly service: Service;
  readonly boards: Listeners<NoticeBoard>;
  readonly timeouts: Timeouts;
  /** Closes the caller's ends of a process that nobody got. */
  readonly discard: (info: ProcessInfo) => void;
}

export const vmcompute = ({ service, boards, timeouts, discard }: VmcomputeParts): HcsApi => {
  const { call, signals, text } = service;
  const act = (name: string, on: Resource, ...args: unknown[]): Act => call({ name, on: [on], args });

  /** A call with a text as its answer. */
  const ask = (name: string, on: readonly Resource[], ...args: unknown[]): Observable<string> =>
    defer(() => {
      const { slot, take } = text();
      return call({ name, on, args: [...args, slot], result: () => take() ?? '', unwanted: take });
    });

  const closing = (kind: Kind) => (handle: number) =>
    call({ name: `HcsClose${kind}`, args: [handle], hasDocument: false });

  const bare = (kind: Kind, handle: number): Resource => resource(handle, closing(kind));

  /** A call with a handle as its answer. */
  const open = (
    kind: Kind,
    asked: Pick<ServiceCall<void>, 'name' | 'on' | 'mayPend'> & {
      readonly args: readonly unknown[];
      /** What to do with the rest of its answer when nobody waits any more. */
      readonly discard?: () => void;
    },
  ): Observable<{ readonly handle: number; readonly pending: boolean }> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      return call({
        ...asked,
        args: [...asked.args, slot],
        result: (pending) => ({ handle: handle(), pending }),
        unwanted: () => {
          asked.discard?.();
          bare(kind, handle()).close().subscribe();
        },
      });
    });

  /** Has the handle's notices told to a board. The handle is closed where that fails. */
  const watch = (kind: Kind, handle: number): Observable<Watched> =>
    defer(() => {
      const notices = noticeBoard();
      const number = boards.add(notices);
      const registration = new BigUint64Array(1);
      const unregister = defer(() =>
        registration[0] === 0n
          ? EMPTY
          : call({
              name: `HcsUnregister${kind}Callback`,
              args: [Number(registration[0])],
              hasDocument: false,
            }),
      );
      const forget = defer(() => {
        boards.remove(number);
        return EMPTY;
      });
      const close = () => concat(settled(unregister), forget, closing(kind)(handle));
      const watched: Watched = Object.assign(resource(handle, close, notices.close), { notices });
      return call({
        name: `HcsRegister${kind}Callback`,
        on: [watched],
        args: [boards.callback, number, registration],
        hasDocument: false,
        result: () => watched,
      }).pipe(orUndo(watched.close));
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
    modifySystem: (system, request) => act('HcsModifyComputeSystem', system, request),
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
