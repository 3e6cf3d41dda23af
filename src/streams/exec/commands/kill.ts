/** Kill: sends a signal to a process. Any signal ends an exec that was never started. */
import { defer, EMPTY, ignoreElements, mergeMap, type Observable, tap, throwError } from 'rxjs';
import type { SignalAction } from '../../../hcs/signals/options.js';
import { requireKillMode, requireSignal } from '../../arguments.js';
import { hasTree } from '../engine/kill-call.js';
import { execNotFound, invalidSignal } from '../errors.js';
import type { KillMode } from '../interface.js';
import type { ExecLoop } from '../machine.js';
import { signalAction } from '../stop-options.js';
import { deliver, logFailure } from './deliver.js';
import { discard, enqueueBriefly } from './queue.js';
import { awaitTree } from './tree.js';

export const kill = (
  exec: ExecLoop,
  signal: number | string,
  killMode: KillMode = 'leader',
): Observable<never> =>
  defer(() => {
    requireSignal('signal', signal);
    requireKillMode('killMode', killMode);
    return enqueueBriefly(exec, () => {
      if (exec.state.state === 'exited') return throwError(() => execNotFound(exec.ports.options));
      return neverRan(exec) ? discard(exec, 1) : signalRunning(exec, signal, killMode);
    });
  });

/**
 * The signal of a stop. With the mode `tree` it also reaches the processes that the exec has left behind, and the exec
 * waits for its tree from now on.
 * @param signal 0 if the process got the signal another way.
 * @param asking is called if there is a process to signal.
 */
export const askToEnd = (
  exec: ExecLoop,
  signal: number | string,
  killMode: KillMode,
  asking: () => void,
): Observable<never> =>
  enqueueBriefly(exec, () => {
    if (neverRan(exec)) return discard(exec, 1);
    if (killMode === 'tree') awaitTree(exec);
    const signalling$ = signal === 0 ? EMPTY : signalRunning(exec, signal, killMode);
    const { state, tree } = exec.state;
    if (state !== 'exited') {
      asking();
      return signalling$;
    }
    const runsOn = hasTree(exec.ports, exec.state) && tree !== 'gone' && tree !== 'timedOut';
    return killMode === 'tree' && runsOn ? signalling$.pipe(tap({ complete: asking })) : EMPTY;
  });

/** How the system carries out a signal; `undefined` if it does not accept the signal. */
export const actionFor = ({ ports }: ExecLoop, signal: number | string): SignalAction | undefined => {
  return signalAction(ports.options.system.signals, signal);
};

const neverRan = ({ state, ports }: ExecLoop): boolean =>
  state.state === 'created' && ports.handles.process === undefined;

const signalRunning = (exec: ExecLoop, signal: number | string, mode: KillMode): Observable<never> =>
  defer(() => {
    const { options } = exec.ports;
    const action = actionFor(exec, signal);
    if (action === undefined) return throwError(() => invalidSignal(signal));
    const outcome$ = deliver(exec, action, mode);
    if (action.kind === 'signal' && options.system.signals.background) {
      // Ends with the exec at the latest: its exit is also an answer.
      exec.run(
        outcome$.pipe(
          tap((outcome) => logFailure(exec, signal, outcome)),
          ignoreElements(),
        ),
        'release',
      );
      return EMPTY;
    }
    return outcome$.pipe(
      mergeMap((outcome) => {
        if (outcome === 'notDelivered') return throwError(() => execNotFound(options));
        return typeof outcome === 'object' ? throwError(() => outcome.error) : EMPTY;
      }),
    );
  });
