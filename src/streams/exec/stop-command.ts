/**
 * Stopping gracefully: a signal, some grace, then an end without asking.
 *
 * Whether the process lives is taken from its exit alone. That a signal was sent says nothing; and whatever hangs on
 * the way, an engine's signal call above all, the grace is over when it is over.
 */
import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  NEVER,
  type Observable,
  race,
  take,
  takeUntil,
  timer,
} from 'rxjs';
import { invalid, kindOf } from '../../hcs/errors.js';
import { statusWhenKilled } from '../../hcs/exit-code.js';
import { carriedOn } from '../../operators/carried-on.js';
import { requireObject, requireSignal } from '../arguments.js';
import { requireTime } from '../policies.js';
import { kill, killNow } from './exec-commands.js';
import type { ExecContext } from './exec-context.js';
import type { ExecOutcome, StopOptions, StopOutcome } from './exec-interface.js';
import { exited } from './exec-source.js';
import { actionFor } from './kill-command.js';

const defaultGrace = 10_000;

export const stop = (
  exec: ExecContext,
  released$: Observable<ExecOutcome>,
  options: StopOptions,
): Observable<StopOutcome> =>
  defer(() => {
    requireObject('options', options);
    const { signal = '', grace = defaultGrace } = options;
    requireSignal('signal', signal);
    requireTime('grace', grace);
    if (actionFor(exec, signal) === undefined)
      throw invalid('signal', signal, 'a signal that the system takes');
    // What has ended, or never ran, needs no asking; what is being started is asked as soon as it runs.
    let by: StopOutcome['by'] = 'itself';
    const asking = (): void => {
      by = 'signal';
    };

    // An engine that could not ask is no reason to wait: only a process that was asked gets its grace.
    const inVain$ = kill(exec, signal, asking).pipe(
      ignoreElements(),
      catchError((error) => (kindOf(error) === 'notFound' ? EMPTY : [undefined])),
      (asked$) => concat(asked$, NEVER),
      take(1),
    );
    const end$ = defer(() => {
      by = 'kill';
      return killNow(exec, statusWhenKilled);
    });
    const stopping$ = concat(race(inVain$, timer(grace, exec.scheduler)), end$);

    return merge(
      exec.latest.state === 'exited' ? EMPTY : stopping$.pipe(ignoreElements(), takeUntil(exited(exec))),
      released$.pipe(map((outcome): StopOutcome => ({ by, ...outcome }))),
    ).pipe(carriedOn());
  });
