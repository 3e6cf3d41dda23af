/**
 * A signal on its way to a process.
 *
 * The state never changes by it; only the process's own exit does that. "Already stopped" is success, "not delivered"
 * is not found, and a signal call that hangs is answered by the exit that it was to bring about.
 */
import { defer, map, merge, type Observable, take } from 'rxjs';
import type { Delivery } from '../../../hcs/contract/compute-process.js';
import { RxshimError } from '../../../hcs/failures/errors.js';
import type { SignalAction } from '../../../hcs/signals/options.js';
import { firstOr } from '../../../operators/first-or.js';
import { killCall, killFacts } from '../engine/kill-call.js';
import type { KillMode } from '../interface.js';
import type { ExecLoop } from '../machine.js';
import { processOf } from '../ports.js';
import { exited } from '../source.js';

/** What came of asking an engine to deliver: its answer, its failure, or an exit seen before either. */
export type Outcome = Delivery | 'exited' | { readonly error: unknown };

/** Asks the engine, and takes the exit for an answer when that comes first. */
export const deliver = (
  exec: ExecLoop,
  action: SignalAction,
  mode: KillMode = 'tree',
): Observable<Outcome> => {
  const { ports } = exec;
  const answer$ = defer((): Observable<Outcome> => {
    if (action.kind === 'kill') {
      for (const fact of killFacts(ports, exec.state, mode)) exec.post(fact);
      return killCall(ports, exec.state, mode);
    }
    const process = processOf(ports);
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

/** Logs what the caller of a forced or a background delivery does not get. */
export const logFailure = (exec: ExecLoop, signal: number | string, outcome: Outcome): void => {
  const { log, options } = exec.ports;
  if (log === undefined || outcome === 'delivered' || outcome === 'exited') return;
  if (typeof outcome === 'object') {
    log.error({ err: outcome.error }, `Error in delivering signal ${signal}, to pid: ${exec.state.pid}`);
  } else {
    log.error(`Error: NotFound; exec: '${options.id}' in task: '${options.taskId}' not found`);
  }
};
