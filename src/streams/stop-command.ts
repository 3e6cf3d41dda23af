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
  takeUntil,
  timer,
} from 'rxjs';
import { kindOf } from '../hcs/errors.js';
import { requireSignal } from './arguments.js';
import { exited, forceExit, kill } from './exec-commands.js';
import type { ExecContext } from './exec-context.js';
import type { ExecOutcome, StopOptions, StopOutcome } from './exec-interface.js';
import { requireTime } from './policies.js';

const defaultGrace = 10_000;
/** What a process killed with SIGKILL would have reported. */
const statusWhenKilled = 137;

export const stop = (
  exec: ExecContext,
  released$: Observable<ExecOutcome>,
  { signal = '', grace = defaultGrace }: StopOptions,
): Observable<StopOutcome> =>
  defer(() => {
    requireSignal('signal', signal);
    requireTime('grace', grace);
    let by: StopOutcome['by'] = exec.latest.state === 'exited' ? 'itself' : 'signal';

    // Asked in vain is no reason to wait: only a process that was asked gets its grace.
    const inVain$ = kill(exec, signal).pipe(
      ignoreElements(),
      catchError((error) => (kindOf(error) === 'notFound' ? EMPTY : [undefined])),
      (asked$) => concat(asked$, NEVER),
    );
    const end$ = defer(() => {
      by = 'kill';
      return forceExit(exec, statusWhenKilled);
    });
    const stopping$ = concat(race(inVain$, timer(grace, exec.scheduler)), end$);

    return merge(
      by === 'itself' ? EMPTY : stopping$.pipe(ignoreElements(), takeUntil(exited(exec))),
      released$.pipe(map((outcome): StopOutcome => ({ ...outcome, by }))),
    );
  });
