/**
 * Kill: a signal on its way to a process.
 *
 * The state never changes by it; only the process's own end does that. "Already stopped" is success, "not delivered"
 * is not found, and a signal call that hangs is answered by the exit it was to bring about.
 */
import { defer, EMPTY, map, merge, Observable, take, throwError } from 'rxjs';
import type { Delivery } from '../../hcs/contract/compute-process.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import type { SignalAction } from '../../hcs/signals/options.js';
import { firstOr } from '../../operators/first-or.js';
import { type ExecContext, processOf } from './exec-context.js';
import { execNotFound, invalidSignal } from './exec-errors.js';
import type { KillMode } from './exec-interface.js';
import { exited } from './exec-source.js';
import { killLeader, killProcess } from './tree-end.js';

/** What came of asking an engine to deliver: its answer, its failure, or an exit seen before either. */
type Outcome = Delivery | 'exited' | { readonly error: unknown };

/** How the system carries a signal out; `undefined` when it does not take it. */
export const actionFor = ({ options }: ExecContext, signal: number | string): SignalAction | undefined => {
  const { signals } = options.system;
  return typeof signal === 'number' ? signals.forNumber(signal) : signals.forText(signal);
};

export const signalRunning = (
  exec: ExecContext,
  signal: number | string,
  mode: KillMode = 'leader',
): Observable<never> =>
  defer(() => {
    const { signals } = exec.options.system;
    const action = actionFor(exec, signal);
    if (action === undefined) return throwError(() => invalidSignal(signal));
    if (action.kind === 'signal' && signals.background) {
      // Ends with the exec at the latest: its exit is an answer too.
      deliver(exec, action, mode).subscribe((outcome) => logFailure(exec, signal, outcome));
      return EMPTY;
    }
    return new Observable<never>((listener) =>
      deliver(exec, action, mode).subscribe((outcome) => {
        if (outcome === 'notDelivered') listener.error(execNotFound(exec.options));
        else if (typeof outcome === 'object') listener.error(outcome.error);
        else listener.complete();
      }),
    );
  });

/** Asks the engine, and takes the exit for an answer when that comes first. */
export const deliver = (
  exec: ExecContext,
  action: SignalAction,
  mode: KillMode = 'tree',
): Observable<Outcome> => {
  const answer$ = defer((): Observable<Outcome> => {
    if (action.kind === 'kill') return mode === 'tree' ? killProcess(exec) : killLeader(exec);
    const process = processOf(exec);
    return ((mode === 'tree' && process.tree) || process).signal(action.options);
  }).pipe(
    firstOr<Outcome, Outcome>(
      (answer) => (answer === 'notDelivered' || answer === 'alreadyStopped' ? answer : 'delivered'),
      failed,
    ),
  );
  const exited$ = exited(exec).pipe(map((): Outcome => 'exited'));
  return merge(answer$, exited$).pipe(take(1));
};

const failed = (error: unknown): Outcome => ({
  error: error ?? new RxshimError('unknown', 'the engine did not answer whether it delivered the signal'),
});

/** Says in the log what a caller of a forced or a background delivery is not told. */
export const logFailure = (
  { log, options, latest }: ExecContext,
  signal: number | string,
  outcome: Outcome,
): void => {
  if (log === undefined || outcome === 'delivered' || outcome === 'exited') return;
  if (typeof outcome === 'object') {
    log.error({ err: outcome.error }, `Error in delivering signal ${signal}, to pid: ${latest.pid}`);
  } else {
    log.error(`Error: NotFound; exec: '${options.id}' in task: '${options.taskId}' not found`);
  }
};
