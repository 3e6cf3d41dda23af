/**
 * The commands of an exec. Those that touch the process take turns; reads and closing the input never wait.
 */
import { defer, EMPTY, filter, ignoreElements, Observable, takeUntil, throwError } from 'rxjs';
import type { ConsoleSize } from '../hcs/compute-process.js';
import { requireSignal, requireUint32 } from './arguments.js';
import { brief, type ExecContext, processOf } from './exec-context.js';
import { execNotFound, invalidState, notATty } from './exec-errors.js';
import { states } from './exec-source.js';
import type { ExecState } from './exec-state.js';
import { discarded } from './exits.js';
import { deliver, signalRunning } from './kill-command.js';

export const start = (exec: ExecContext): Observable<never> =>
  exec.inTurn(
    new Observable((listener) => {
      const { phase, state } = exec.latest;
      if (phase !== 'created') return listener.error(invalidState(exec.options, state, 'start'));
      exec.post({ type: 'start' });
      const settle = (now: ExecState): void => {
        if (now.announced) listener.complete();
        else if (now.phase === 'released') {
          listener.error(exec.failure ?? invalidState(exec.options, now.state, 'start'));
        }
      };
      settle(exec.latest);
      return listener.closed ? undefined : exec.changes$.subscribe(settle);
    }),
  );

export const kill = (exec: ExecContext, signal: number | string): Observable<never> =>
  defer(() => {
    requireSignal('signal', signal);
    return inBriefTurn(exec, () => {
      switch (exec.latest.state) {
        case 'created':
          return discard(exec, 1);
        case 'running':
          return signalRunning(exec, signal);
        case 'exited':
          return throwError(() => execNotFound(exec.options));
      }
    });
  });

export const forceExit = (exec: ExecContext, status: number): Observable<never> =>
  defer(() => {
    requireUint32('status', status);
    // A call that hangs must not save the process: only a start is waited for, and that no longer than the bound.
    if (exec.latest.phase === 'running') return end(exec, status);
    if (exec.latest.phase !== 'created') expectEnd(exec, status);
    return inBriefTurn(exec, () => end(exec, status));
  });

export const resizePty = (exec: ExecContext, { width, height }: ConsoleSize): Observable<never> =>
  defer(() => {
    requireUint32('width', width);
    requireUint32('height', height);
    return inBriefTurn(exec, () => {
      if (!exec.options.upstream.terminal) return throwError(() => notATty(exec.options));
      if (exec.latest.state !== 'running') return EMPTY;
      const size = { width: width & 0xffff, height: height & 0xffff };
      return processOf(exec)
        .resizeConsole(size)
        .pipe(ignoreElements(), takeUntil(exited(exec)));
    });
  });

export const closeIo = (exec: ExecContext): Observable<never> =>
  new Observable((listener) => {
    const close = () => exec.options.upstream.closeStdin();
    brief(exec, close, exec.policies.closeTimeout, 'failed to close stdin', () => listener.complete());
  });

/** The moment its exit is recorded, also when that was long ago. */
export const exited = (exec: ExecContext): Observable<ExecState> =>
  states(exec).pipe(filter((now) => now.state === 'exited'));

const inBriefTurn = (exec: ExecContext, act: () => Observable<never>): Observable<never> =>
  exec.inTurn(defer(act), exec.policies.exitTimeout);

const end = (exec: ExecContext, status: number): Observable<never> => {
  switch (exec.latest.state) {
    case 'created':
      return discard(exec, status);
    case 'running':
      expectEnd(exec, status);
      return deliver(exec, { kind: 'kill' }).pipe(ignoreElements());
    case 'exited':
      return EMPTY;
  }
};

const expectEnd = (exec: ExecContext, status: number): void => {
  exec.forcedStatus ??= status;
  exec.post({ type: 'forceExit' });
};

/** Ends an exec that never ran; done when its upstream is closed. */
const discard = (exec: ExecContext, status: number): Observable<never> =>
  new Observable((listener) => {
    exec.post({ type: 'discard', exit: discarded(status, exec.scheduler.now()) });
    return exec.changes$.subscribe({ complete: () => listener.complete() });
  });
