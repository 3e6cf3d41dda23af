/**
 * The commands of an exec. Those that touch the process take turns; reads and closing the input never wait.
 */
import { defer, EMPTY, ignoreElements, Observable, takeUntil, tap, throwError } from 'rxjs';
import type { ConsoleSize } from '../../hcs/contract/compute-process.js';
import { requireKillMode, requireObject, requireSignal, requireUint32 } from '../arguments.js';
import { brief, type ExecContext, inImpatientTurn, processOf, untilReleased } from './exec-context.js';
import { execNotFound, invalidState, notATty } from './exec-errors.js';
import type { KillMode } from './exec-interface.js';
import { exited } from './exec-source.js';
import type { ExecState } from './exec-state.js';
import { discarded } from './exits.js';
import { deliver, logFailure, signalRunning } from './kill-command.js';
import { awaitTree, killLeftBehind } from './tree-end.js';

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

export const kill = (
  exec: ExecContext,
  signal: number | string,
  killMode: KillMode = 'leader',
): Observable<never> =>
  defer(() => {
    requireSignal('signal', signal);
    requireKillMode('killMode', killMode);
    return inBriefTurn(exec, () => {
      if (exec.latest.state === 'exited') return throwError(() => execNotFound(exec.options));
      return neverRan(exec) ? discard(exec, 1) : signalRunning(exec, signal, killMode);
    });
  });

/**
 * The signal of a stop. With the mode `tree` it reaches what the exec has left behind as well, and the exec waits for
 * its tree from here on.
 * @param signal 0 for one that has come to it another way.
 * @param asking is called when there is something that is being asked.
 */
export const askToEnd = (
  exec: ExecContext,
  signal: number | string,
  killMode: KillMode,
  asking: () => void,
): Observable<never> =>
  inBriefTurn(exec, () => {
    if (neverRan(exec)) return discard(exec, 1);
    const treeEnd = killMode === 'tree' ? awaitTree(exec) : undefined;
    const signalling$ = signal === 0 ? EMPTY : signalRunning(exec, signal, killMode);
    if (exec.latest.state !== 'exited') {
      asking();
      return signalling$;
    }
    return treeEnd === undefined || treeEnd.outcome !== undefined
      ? EMPTY
      : signalling$.pipe(tap({ complete: asking }));
  });

const neverRan = ({ latest, process }: ExecContext): boolean =>
  latest.state === 'created' && process === undefined;

/** Ends it without asking. It waits for its turn, but neither a start nor a call that hangs can save the process. */
export const forceExit = (exec: ExecContext, status: number): Observable<never> =>
  defer(() => {
    requireUint32('status', status);
    const { phase } = exec.latest;
    // A start has no bound of its own: from here on it has.
    if (phase === 'starting' || phase === 'announcing') expectEnd(exec, status);
    return inImpatientTurn(
      exec,
      defer(() => end(exec, status)),
    );
  });

/** The same without waiting for a turn where there is a process to kill. */
export const killNow = (exec: ExecContext, status: number): Observable<never> =>
  defer(() => (exec.latest.phase === 'running' ? end(exec, status) : forceExit(exec, status)));

export const resizePty = (exec: ExecContext, asked: ConsoleSize): Observable<never> =>
  defer(() => {
    requireObject('size', asked);
    const { width, height } = asked;
    requireUint32('width', width);
    requireUint32('height', height);
    return inBriefTurn(exec, () => {
      if (!exec.options.upstream.terminal) return throwError(() => notATty(exec.options));
      // A terminal may be there before its program begins.
      if (exec.process === undefined || exec.latest.state === 'exited') return EMPTY;
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

const inBriefTurn = (exec: ExecContext, act: () => Observable<never>): Observable<never> =>
  exec.inTurn(defer(act), { atMost: exec.policies.exitTimeout });

const end = (exec: ExecContext, status: number): Observable<never> => {
  switch (exec.latest.state) {
    case 'created':
      return discard(exec, status);
    case 'running':
      expectEnd(exec, status);
      return deliver(exec, { kind: 'kill' }).pipe(
        tap((outcome) => logFailure(exec, 'KILL', outcome)),
        ignoreElements(),
      );
    case 'exited':
      return killLeftBehind(exec);
  }
};

const expectEnd = (exec: ExecContext, status: number): void => {
  exec.forcedStatus ??= status;
  exec.post({ type: 'forceExit' });
};

const discard = (exec: ExecContext, status: number): Observable<never> =>
  untilReleased(exec, { type: 'discard', exit: discarded(status, exec.scheduler.now()) });
