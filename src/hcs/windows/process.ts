/**
 * A process of a Windows container, as compute systems offer them.
 *
 * Its exit is told once: by the service's notice; by `close`, which ends the connection and not the process; or, where
 * the service says that it does not know the process, by losing patience with the notice. What no one could read is
 * unknown.
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
import { carriedOn } from '../../operators/carried-on.js';
import type { Act, ComputeProcess, Delivery, ProcessExit } from '../contract/compute-process.js';
import { unknownExit } from '../contract/exit-code.js';
import { isAlreadyStopped } from '../failures/classifiers.js';
import { hcsCodes } from '../failures/codes.js';
import { messageOf } from '../failures/errors.js';
import { hcsSentinelError } from '../failures/sentinels.js';
import { hcsStatusError } from '../failures/status-error.js';
import { keepAlive } from '../native/call/keep-alive.js';
import { delivered, isMissed, notDelivered } from './delivery.js';
import { onProcess } from './failures.js';
import type { ProcessInfo, Watched } from './hcs-api.js';
import { succeeded } from './notices.js';
import { yielding } from './opened.js';
import { exitFrom } from './process-status.js';
import { closeInput, consoleSize } from './requests.js';
import { openStdio } from './stdio.js';
import type { SystemContext } from './system-context.js';
import { terminating } from './terminating.js';

/** How long the notice of an exit may lag behind the service's saying that there is no such process. */
const lag = 1_000;

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
  const rest = keepAlive();
  let killed = false;
  let over = false;

  const tell = (exit: ProcessExit): void => {
    if (over) return;
    over = true;
    rest();
    exit$.next(exit);
    exit$.complete();
  };

  process.notices
    .when('processExited')
    .pipe(
      switchMap((notice) => succeeded(notice).pipe(yielding(notice.data))),
      switchMap((told) => api.exitStatus(process, told)),
      map(exitFrom),
      catchError((error: unknown) => of(unknownExit(messageOf(error)))),
    )
    .subscribe(tell);

  const mustBeOpen = (): void => {
    if (process.closed) throw hcsSentinelError('alreadyClosed');
  };

  /** Does it to its end, whoever waits, on a process that is open. */
  const act = <T>(op: string, work: () => Observable<T>): Observable<T> =>
    defer(() => {
      mustBeOpen();
      return work();
    }).pipe(onProcess(op, id, pid), carriedOn());

  const signal = (options: string): Observable<Delivery> =>
    api.signalProcess(process, options).pipe(
      yielding(delivered),
      catchError((error: unknown) => {
        if (!isMissed(error)) throw error;
        const impatience = scheduler.schedule(() => tell(unknownExit(messageOf(error))), lag);
        exit$.subscribe(() => impatience.unsubscribe());
        return of(notDelivered);
      }),
    );

  const kill = (): Observable<Delivery> => {
    if (over) throw hcsStatusError(hcsCodes.processAlreadyStopped);
    if (killed) return of(delivered);
    return terminating(context, pid).pipe(
      tap(({ sent }) => (killed = sent)),
      map(({ delivery }) => delivery),
    );
  };

  const endInput = (): Act =>
    over
      ? EMPTY
      : api.modifyProcess(process, closeInput).pipe(
          // It ended meanwhile: nobody is left to be told.
          catchError((error: unknown) => {
            if (isAlreadyStopped(error)) return EMPTY;
            throw error;
          }),
        );

  const here = (work: () => void): Act =>
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
    closeStdin: () => act('CloseStdin', () => concat(endInput(), here(stdio.closeStdin))),
    closeStdout: () => here(stdio.closeStdout),
    closeStderr: () => here(stdio.closeStderr),
    close: () =>
      defer(() => {
        stdio.close();
        const closing = process.close();
        tell(unknownExit('the handle was closed before the process told its exit'));
        return closing;
      }).pipe(carriedOn()),
  };
};
