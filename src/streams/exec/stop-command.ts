/**
 * Stopping gracefully: a signal, some grace, then an end without asking.
 *
 * Whether the process lives is taken from its exit alone, and whether its tree does from the engine. That a signal was
 * sent says nothing; and whatever hangs on the way, an engine's signal call above all, the grace is over when it is over.
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
import { statusWhenKilled } from '../../hcs/contract/exit-code.js';
import { invalid, kindOf } from '../../hcs/failures/errors.js';
import { carriedOn } from '../../operators/carried-on.js';
import { requireKillMode, requireObject, requireSignal } from '../arguments.js';
import { requireTime } from '../policies.js';
import { askToEnd, killNow } from './exec-commands.js';
import type { ExecContext } from './exec-context.js';
import type { ExecOutcome, KillMode, StopOptions, StopOutcome } from './exec-interface.js';
import { exited } from './exec-source.js';
import { actionFor } from './kill-command.js';
import { awaitTree, killLeftBehind } from './tree-end.js';

const defaultGrace = 10_000;

export const stop = (
  exec: ExecContext,
  released$: Observable<ExecOutcome>,
  options: StopOptions,
): Observable<StopOutcome> =>
  defer(() => {
    requireObject('options', options);
    const { signal = '', grace = defaultGrace, killMode = 'tree' } = options;
    requireSignal('signal', signal);
    requireTime('grace', grace);
    requireKillMode('killMode', killMode);
    if (signal !== 0 && actionFor(exec, signal) === undefined)
      throw invalid('signal', signal, 'a signal that the system takes');
    // What has ended, or never ran, needs no asking; what is being started is asked as soon as it runs.
    let by: StopOutcome['by'] = 'itself';
    const asking = (): void => {
      by = 'signal';
    };

    // An engine that could not ask is no reason to wait: only a process that was asked gets its grace.
    const inVain$ = askToEnd(exec, signal, killMode, asking).pipe(
      ignoreElements(),
      catchError((error) => (kindOf(error) === 'notFound' ? EMPTY : [undefined])),
      (asked$) => concat(asked$, NEVER),
      take(1),
    );
    const end$ = defer(() => {
      by = 'kill';
      return killNow(exec, statusWhenKilled);
    });
    const over$ = ended(exec, killMode);
    const stopping$ = concat(race(inVain$, timer(grace, exec.scheduler)), end$);

    return merge(
      stopping$.pipe(ignoreElements(), takeUntil(over$)),
      over$.pipe(
        switchMap(() => released$),
        map((outcome): StopOutcome => ({ by, ...outcome })),
      ),
    ).pipe(carriedOn());
  });

/** Emits once when the exec has ended and nothing of its tree runs. Works on its own. */
const ended = (exec: ExecContext, killMode: KillMode): Observable<unknown> => {
  const over$ = new AsyncSubject<undefined>();
  // At once, not when it is asked: what outlives a process that ends before that has its grace as well.
  if (killMode === 'tree') awaitTree(exec);
  const treeEnded = (): Observable<never> => {
    if (killMode === 'tree') return awaitTree(exec)?.over$ ?? EMPTY;
    // From here on it is waited for.
    awaitTree(exec);
    const killing$ = killLeftBehind(exec);
    return merge(killing$, exec.treeEnd?.over$ ?? EMPTY);
  };
  exited(exec)
    .pipe(
      take(1),
      switchMap(() => concat(defer(treeEnded), of(undefined))),
    )
    .subscribe(over$);
  return over$;
};
