/**
 * A process of a Windows container as a compute process.
 *
 * Its exit is emitted once: after the service's notification; on `close`, which closes the handle and does not end the
 * process; or, if the service reports that it does not know the process, when no notification follows within a timeout.
 * An exit that cannot be read is unknown.
 */
import {
  AsyncSubject,
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  map,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  tap,
} from 'rxjs';
import { uninterruptible } from '../../operators/uninterruptible.js';
import type { Act, ComputeProcess, Delivery, ProcessExit } from '../contract/compute-process.js';
import { unknownExit } from '../contract/exit-code.js';
import { isAlreadyStopped } from '../failures/classifiers.js';
import { messageOf } from '../failures/errors.js';
import { hcsSentinelError } from '../failures/sentinels.js';
import { keepAlive } from '../native/call/keep-alive.js';
import { alreadyStopped, delivered, isNotFound, notDelivered } from './delivery.js';
import { onProcess } from './failures.js';
import { killProcess } from './kill.js';
import { exitFrom } from './process-status.js';
import { closeInput, consoleSize } from './requests.js';
import type { ProcessInfo, Watched } from './service/api.js';
import { thenEmit } from './service/cleanup.js';
import { succeeded } from './service/notifications.js';
import { openStdio } from './stdio.js';
import type { SystemContext } from './system-context.js';

/**
 * How long the exit notification may come after the service has reported that there is no such process, in
 * milliseconds.
 */
const exitDelay = 1_000;

export const hcsProcess = (
  context: SystemContext,
  process: Watched,
  info: ProcessInfo,
  scheduler: SchedulerLike = asyncScheduler,
): ComputeProcess => {
  const { api, id } = context;
  const { pid } = info;
  const stdio = openStdio(info);
  const exit$ = new AsyncSubject<ProcessExit>();
  const stopKeepingAlive = keepAlive();
  let killed = false;
  let ended = false;

  const settle = (exit: ProcessExit): void => {
    if (ended) return;
    ended = true;
    stopKeepingAlive();
    exit$.next(exit);
    exit$.complete();
  };

  process.notifications
    .when('processExited')
    .pipe(
      switchMap((notification) => succeeded(notification).pipe(thenEmit(notification.data))),
      switchMap((document) => api.exitStatus(process, document)),
      map(exitFrom),
      catchError((error: unknown) => of(unknownExit(messageOf(error)))),
    )
    .subscribe(settle);

  const mustBeOpen = (): void => {
    if (process.closed) throw hcsSentinelError('alreadyClosed');
  };

  /** Runs on an open process, and to its end even if the caller unsubscribes. */
  const act = <T>(op: string, work: () => Observable<T>): Observable<T> =>
    defer(() => {
      mustBeOpen();
      return work();
    }).pipe(onProcess(op, id, pid), uninterruptible());

  const signal = (options: string): Observable<Delivery> =>
    api.signalProcess(process, options).pipe(
      thenEmit(delivered),
      catchError((error: unknown) => {
        if (!isNotFound(error)) {
          if (isAlreadyStopped(error)) return of(alreadyStopped);
          throw error;
        }
        const timeout = scheduler.schedule(() => settle(unknownExit(messageOf(error))), exitDelay);
        exit$.subscribe(() => timeout.unsubscribe());
        return of(notDelivered);
      }),
    );

  const kill = (): Observable<Delivery> => {
    if (ended) return of(alreadyStopped);
    if (killed) return of(delivered);
    return killProcess(context, pid).pipe(
      tap(({ sent }) => (killed = sent)),
      map(({ delivery }) => delivery),
    );
  };

  const endInput = (): Act =>
    ended
      ? EMPTY
      : api.modifyProcess(process, closeInput).pipe(
          // It has ended meanwhile.
          catchError((error: unknown) => {
            if (isAlreadyStopped(error)) return EMPTY;
            throw error;
          }),
        );

  const locally = (work: () => void): Act =>
    defer(() => {
      work();
      return EMPTY;
    });

  return {
    pid,
    stdio: stdio.streams,
    exit$: exit$.asObservable(),
    signal: (options) => act('Signal', () => signal(JSON.stringify(options))),
    kill: () => act('Kill', kill),
    resizeConsole: (size) => act('ResizeConsole', () => api.modifyProcess(process, consoleSize(size))),
    closeStdin: () => act('CloseStdin', () => concat(endInput(), locally(stdio.closeStdin))),
    closeStdout: () => locally(stdio.closeStdout),
    closeStderr: () => locally(stdio.closeStderr),
    close: () =>
      defer(() => {
        stdio.close();
        const closing = process.close();
        settle(unknownExit('the handle was closed before the process reported its exit'));
        return closing;
      }).pipe(uninterruptible()),
  };
};
