/**
 * The service by computecore.dll: every function that takes time is an operation. On Windows Server 2019, Windows 10
 * 1809 and later.
 */
import { catchError, concat, defer, EMPTY, map, type Observable, of, switchMap, throwError } from 'rxjs';
import type { Act } from '../compute-process.js';
import type { HcsApi, ProcessInfo, Watched } from './hcs-api.js';
import type { Listeners } from './listeners.js';
import { type NoticeBoard, type NoticeKind, noticeBoard } from './notices.js';
import { kept, orUndo, settled } from './opened.js';
import type { Operate, Operation } from './operations.js';
import { processInfoSlot, readProcessInfo } from './process-info.js';
import { type Resource, resource } from './resource.js';
import type { Service } from './service-call.js';
import type { Timeouts } from './timeouts.js';

/** The functions that are used, with the types of their results and parameters. */
export const computecoreFunctions = {
  HcsCreateOperation: ['uintptr_t', 'uintptr_t', 'void *'],
  HcsCloseOperation: ['void', 'uintptr_t'],
  HcsGetOperationResult: ['int32', 'uintptr_t', 'void *'],
  HcsGetOperationResultAndProcessInfo: ['int32', 'uintptr_t', 'void *', 'void *'],
  HcsEnumerateComputeSystems: ['int32', 'str16', 'uintptr_t'],
  HcsCreateComputeSystem: ['int32', 'str16', 'str16', 'uintptr_t', 'void *', 'void *'],
  HcsOpenComputeSystem: ['int32', 'str16', 'uint32', 'void *'],
  HcsCloseComputeSystem: ['void', 'uintptr_t'],
  HcsStartComputeSystem: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsShutDownComputeSystem: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsTerminateComputeSystem: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsGetComputeSystemProperties: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsModifyComputeSystem: ['int32', 'uintptr_t', 'uintptr_t', 'str16', 'uintptr_t'],
  HcsSetComputeSystemCallback: ['int32', 'uintptr_t', 'uint32', 'uintptr_t', 'void *'],
  HcsCreateProcess: ['int32', 'uintptr_t', 'str16', 'uintptr_t', 'void *', 'void *'],
  HcsOpenProcess: ['int32', 'uintptr_t', 'uint32', 'uint32', 'void *'],
  HcsCloseProcess: ['void', 'uintptr_t'],
  HcsTerminateProcess: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsSignalProcess: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsGetProcessInfo: ['int32', 'uintptr_t', 'uintptr_t'],
  HcsModifyProcess: ['int32', 'uintptr_t', 'uintptr_t', 'str16'],
  HcsSetProcessCallback: ['int32', 'uintptr_t', 'uint32', 'uintptr_t', 'void *'],
} as const;

/** Of its two callbacks: an event with a context; an operation with a context. */
export const computecoreEvent = ['void *', 'uintptr_t'] as const;
export const computecoreCompletion = ['uintptr_t', 'uintptr_t'] as const;

/** The events that mean something here, by the numbers that this library gives them. */
export const computecoreEvents: ReadonlyMap<number, NoticeKind> = new Map([
  [0x1, 'systemExited'],
  [0x10000, 'processExited'],
  [0x2000000, 'serviceDisconnect'],
]);

const GENERIC_ALL = 0x10000000;

type Kind = 'ComputeSystem' | 'Process';

export interface ComputecoreParts {
  readonly service: Service;
  readonly operate: Operate;
  readonly boards: Listeners<NoticeBoard>;
  readonly timeouts: Timeouts;
  /** Closes the caller's ends of a process that nobody got. */
  readonly discard: (info: ProcessInfo) => void;
}

export const computecore = ({ service, operate, boards, timeouts, discard }: ComputecoreParts): HcsApi => {
  const { call, signals } = service;
  const timeout = timeouts.call;
  const nothing = () => undefined;

  /** On a handle, with a document; no answer is expected but that it is done. */
  const act = (name: string, on: Resource, document: string | null, ...more: unknown[]): Act =>
    operate({ name, on: [on], args: (op) => [op, document, ...more], timeout, result: nothing });

  const closing = (kind: Kind) => (handle: number) =>
    call({ name: `HcsClose${kind}`, args: [handle], hasDocument: false });

  const bare = (kind: Kind, handle: number): Resource => resource(handle, closing(kind));

  /** A call with a handle as its answer, which takes no time. */
  const open = (
    kind: Kind,
    asked: { readonly name: string; readonly on?: readonly Resource[]; readonly args: readonly unknown[] },
  ): Observable<number> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      return call({
        ...asked,
        args: [...asked.args, slot],
        hasDocument: false,
        result: handle,
        unwanted: () => bare(kind, handle()).close().subscribe(),
      });
    });

  /** An operation with a handle as its answer. */
  const make = (
    kind: Kind,
    asked: Pick<Operation<number>, 'name' | 'on' | 'timeout' | 'info'> & {
      readonly args: (operation: number, slot: BigUint64Array) => readonly unknown[];
      /** What to do with the rest of its answer when nobody waits any more. */
      readonly discard?: () => void;
    },
  ): Observable<number> =>
    defer(() => {
      const slot = new BigUint64Array(1);
      const handle = () => Number(slot[0]);
      const close = () => (handle() === 0 ? EMPTY : bare(kind, handle()).close());
      return operate({
        ...asked,
        args: (operation) => asked.args(operation, slot),
        result: handle,
        unwanted: () => {
          asked.discard?.();
          close().subscribe();
        },
      }).pipe(asked.info ? catchError((error) => recovered(handle(), asked.info!, error)) : orUndo(close));
    });

  /** What failed to tell of a process may have made it all the same: then it can still be asked about. */
  const recovered = (handle: number, info: DataView, error: unknown): Observable<number> => {
    if (handle === 0) return throwError(() => error);
    const process = bare('Process', handle);
    const args = (operation: number) => [operation];
    return operate({
      name: 'HcsGetProcessInfo',
      on: [process],
      args,
      timeout,
      info,
      result: () => handle,
    }).pipe(
      catchError(() => throwError(() => error)),
      orUndo(process.close),
    );
  };

  /** Has the handle's events told to a board. The handle is closed where that fails. */
  const watch = (kind: Kind, handle: number): Observable<Watched> =>
    defer(() => {
      const notices = noticeBoard();
      const number = boards.add(notices);
      const name = `HcsSet${kind}Callback`;
      let registered = false;
      const unregister = defer(() =>
        registered ? call({ name, args: [handle, 0, 0, null], hasDocument: false }) : EMPTY,
      );
      const forget = defer(() => {
        boards.remove(number);
        return EMPTY;
      });
      const close = () => concat(settled(unregister), forget, closing(kind)(handle));
      const watched: Watched = Object.assign(resource(handle, close, notices.close), { notices });
      const register = () => {
        registered = true;
        return watched;
      };
      return call({
        name,
        on: [watched],
        args: [0, number, boards.callback],
        hasDocument: false,
        result: register,
        unwanted: register,
      }).pipe(orUndo(watched.close));
    });

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
    modifySystem: (system, request) => act('HcsModifyComputeSystem', system, request, 0),
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
