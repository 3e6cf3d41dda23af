/**
 * A Windows container: a compute system of the Host Compute Service, opened or created by the first call.
 *
 * The invariant: all calls share one handle, which `close` closes. `exit$` emits what ended first: the system, the
 * handle, or the connection to the service.
 */
import {
  AsyncSubject,
  catchError,
  defer,
  EMPTY,
  finalize,
  map,
  type Observable,
  of,
  ReplaySubject,
  type SchedulerLike,
  share,
  switchMap,
} from 'rxjs';
import { uninterruptible } from '../../operators/uninterruptible.js';
import type { Act } from '../contract/compute-process.js';
import type { ComputeSystem, SystemExit } from '../contract/compute-system.js';
import { signalsSupported } from '../contract/os-build.js';
import type { ProcessParameters } from '../contract/process-parameters.js';
import { hcsCodes } from '../failures/codes.js';
import { invalid } from '../failures/errors.js';
import { hcsSentinelError } from '../failures/sentinels.js';
import { hcsStatusError } from '../failures/status-error.js';
import { keepAlive } from '../native/call/keep-alive.js';
import { windowsSignals } from '../signals/windows.js';
import { notElevatedAs, notFoundAs, onLaunch, onSystem } from './failures.js';
import { ignoreEnded } from './ignore-ended.js';
import { hcsProcess } from './process.js';
import { propertyQuery } from './requests.js';
import type { HcsApi, Watched } from './service/api.js';
import { closeIfUnwanted } from './service/cleanup.js';
import type { SystemContext, Warnings } from './system-context.js';
import { pidsIn, propertiesIn, type SystemProperties } from './system-properties.js';

export interface SystemSettings {
  readonly id: string;
  /** The document to create it from. Without one an existing system is opened. */
  readonly document: string | undefined;
  /** Called by the first call. Throws if there is no service. */
  readonly api: () => HcsApi;
  readonly osBuild: number;
  readonly log: Warnings | undefined;
  readonly scheduler: SchedulerLike | undefined;
}

/** A container of the Host Compute Service. */
export interface WindowsSystem extends ComputeSystem {
  /**
   * Reads properties by their types: `Statistics`, `ProcessList`, `Memory` and others of the service's schema.
   *
   * @example system.properties('Statistics').subscribe(({ Statistics }) => console.log(Statistics));
   */
  properties(...types: readonly string[]): Observable<SystemProperties>;
}

export const hcsSystem = (settings: SystemSettings): WindowsSystem => {
  const { id, document, osBuild, log, scheduler } = settings;
  const exit$ = new AsyncSubject<SystemExit>();
  let handle: Watched | undefined;
  let opening = false;
  let gone = false;
  let closed = false;

  const settle = (exit: SystemExit): void => {
    if (gone) return;
    gone = true;
    exit$.next(exit);
    exit$.complete();
  };

  const watch = (system: Watched): void => {
    handle = system;
    // An open system keeps the process alive, as an open socket does.
    exit$.subscribe(keepAlive());
    system.notifications
      .when('systemExited')
      .pipe(
        map(({ code }): SystemExit => {
          if (code === undefined) return { reason: 'ended' };
          const error = hcsStatusError(code);
          // An unexpected exit is an exit. Any other failure says nothing about the system.
          return { reason: code === hcsCodes.unexpectedExit ? 'ended' : 'lost', error };
        }),
        catchError((error: unknown) => of<SystemExit>({ reason: 'lost', error })),
      )
      .subscribe(settle);
  };

  const open = (api: HcsApi): Observable<Watched> =>
    (document === undefined
      ? api.openSystem(id).pipe(onSystem('Open', id), notFoundAs(`container ${id}`))
      : api.createSystem(id, document).pipe(onSystem('Create', id))
    ).pipe(notElevatedAs(`container ${id}`));

  // Repeated after a failure, since the container may exist later.
  const opened$ = defer(() => {
    opening = true;
    return open(settings.api());
  }).pipe(
    finalize(() => (opening = false)),
    closeIfUnwanted((system) => system.close()),
    map((system) => {
      if (closed) {
        system.close().subscribe();
        throw hcsSentinelError('alreadyClosed');
      }
      watch(system);
      return system;
    }),
    share({
      connector: () => new ReplaySubject(1),
      resetOnComplete: false,
      resetOnRefCountZero: false,
    }),
  );

  /** Runs with the open system, and to its end even if the caller unsubscribes. */
  const withSystem = <T>(op: string, work: (context: SystemContext) => Observable<T>): Observable<T> =>
    defer(() => {
      if (closed || (gone && handle === undefined)) throw hcsSentinelError('alreadyClosed');
      return opened$;
    }).pipe(
      switchMap((system) => work({ id, api: settings.api(), system, log })),
      onSystem(op, id),
      uninterruptible(),
    );

  const properties = (...types: readonly string[]): Observable<SystemProperties> =>
    withSystem('Properties', ({ api, system }) => api.systemProperties(system, propertyQuery(...types))).pipe(
      map((text) => propertiesIn(text)),
      onSystem('Properties', id),
    );

  const end = (op: 'Shutdown' | 'Terminate', how: (context: SystemContext) => Act): Act =>
    defer(() => {
      if (closed || gone) return EMPTY;
      // A system that was never created has nothing to end. One that is being created is awaited.
      if (document !== undefined && handle === undefined && !opening) settle({ reason: 'ended' });
      return gone ? EMPTY : withSystem(op, how).pipe(catchError(ignoreEnded));
    });

  return {
    id,
    os: 'windows',
    isOci: false,
    initInDocument: false,
    takesDescriptors: false,
    signals: windowsSignals({ supported: signalsSupported({ osBuild, host: 'none' }) }),
    exit$: exit$.asObservable(),
    start: () =>
      withSystem('Start', ({ api, system }) => (document === undefined ? EMPTY : api.startSystem(system))),
    createProcess: (parameters) =>
      defer(() => {
        if (typeof parameters !== 'object' || parameters === null)
          throw invalid('parameters', parameters, 'a process');
        return withSystem('CreateProcess', (context) => createProcess(context, parameters, scheduler));
      }),
    shutdown: () => end('Shutdown', ({ api, system }) => api.shutdownSystem(system)),
    terminate: () => end('Terminate', ({ api, system }) => api.terminateSystem(system)),
    close: () =>
      defer(() => {
        closed = true;
        settle({ reason: 'closed' });
        return handle?.close() ?? EMPTY;
      }).pipe(uninterruptible()),
    pids: () => properties('ProcessList').pipe(map(pidsIn)),
    properties,
  };
};

const createProcess = (context: SystemContext, parameters: ProcessParameters, scheduler?: SchedulerLike) =>
  context.api.createProcess(context.system, JSON.stringify(parameters)).pipe(
    map(({ process, info }) => hcsProcess(context, process, info, scheduler)),
    onLaunch(context.id, parameters.CommandLine ?? ''),
  );
