/**
 * Stops an exec gracefully: sends a signal, waits for the grace period, then kills what is left.
 *
 * Only its exit shows that the process has ended, and only the engine knows whether its tree has. A signal that was sent
 * proves neither. The grace period ends on time even if a call hangs, such as the engine's signal call.
 */
import {
  AsyncSubject,
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  NEVER,
  type Observable,
  of,
  race,
  switchMap,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import { statusWhenKilled } from '../../../hcs/contract/exit-code.js';
import { invalid, kindOf } from '../../../hcs/failures/errors.js';
import { uninterruptible } from '../../../operators/uninterruptible.js';
import { requireObject } from '../../arguments.js';
import type { ExecOutcome, KillMode, StopOptions, StopOutcome } from '../interface.js';
import type { ExecLoop } from '../machine.js';
import { exited } from '../source.js';
import { requireStopValues } from '../stop-options.js';
import { killNow } from './force-exit.js';
import { actionFor, askToEnd } from './kill.js';
import { awaitTree, endLeftBehind, treeEnded } from './tree.js';

const defaultGrace = 10_000;

export const stop = (
  exec: ExecLoop,
  released$: Observable<ExecOutcome>,
  options: StopOptions,
): Observable<StopOutcome> =>
  defer(() => {
    requireObject('options', options);
    const { signal = '', grace = defaultGrace, killMode = 'tree', reached$ } = options;
    requireStopValues('', options);
    if (signal !== 0 && actionFor(exec, signal) === undefined)
      throw invalid('signal', signal, 'a signal that the system takes');
    // An exec that has ended or never ran gets no signal; one that is being started gets it as soon as it runs.
    let by: StopOutcome['by'] = 'itself';
    const asking = (): void => {
      by = 'signal';
    };

    // If the engine failed to signal the process, there is no grace period: the process does not know of the stop.
    const ask = (by: number | string): Observable<never> => askToEnd(exec, by, killMode, asking);
    const asked$ =
      reached$ === undefined
        ? ask(signal)
        : concat(
            ask(0),
            askUnless(reached$, () => ask(signal)),
          );
    const inVain$ = asked$.pipe(
      ignoreElements(),
      catchError((error) => (kindOf(error) === 'notFound' ? EMPTY : [undefined])),
      (failed$) => concat(failed$, NEVER),
      take(1),
    );
    const end$ = defer(() => {
      by = 'kill';
      return killNow(exec, statusWhenKilled);
    });
    const over$ = ended(exec, killMode);
    const stopping$ = concat(race(inVain$, timer(grace, exec.ports.scheduler)), end$);

    return merge(
      stopping$.pipe(ignoreElements(), takeUntil(over$)),
      over$.pipe(
        switchMap(() => released$),
        map((outcome): StopOutcome => ({ by, ...outcome })),
      ),
    ).pipe(uninterruptible());
  });

const askUnless = (reached$: Observable<boolean>, ask: () => Observable<never>): Observable<never> =>
  reached$.pipe(
    take(1),
    switchMap((reached) => (reached ? EMPTY : ask())),
  );

/** Emits once, when the exec has exited and nothing of its tree runs. Unsubscribing does not cancel the work. */
const ended = (exec: ExecLoop, killMode: KillMode): Observable<unknown> => {
  const over$ = new AsyncSubject<undefined>();
  // Now, not when the signal is sent: if the process exits before that, its descendants get the grace period as well.
  if (killMode === 'tree') awaitTree(exec);
  const treeOver = (): Observable<never> => {
    awaitTree(exec);
    return killMode === 'tree' ? treeEnded(exec) : merge(endLeftBehind(exec), treeEnded(exec));
  };
  exited(exec)
    .pipe(
      take(1),
      switchMap(() => concat(defer(treeOver), of(undefined))),
    )
    .subscribe(over$);
  return over$;
};
