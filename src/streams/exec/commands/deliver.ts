/**
 * Delivers a signal to a process.
 *
 * A signal never changes the state; only the exit of the process does. "Already stopped" counts as success, "not
 * delivered" as `notFound`. If the signal call hangs, the exit of the process is the answer.
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

/** The result of a delivery: the engine's answer, its failure, or an exit that came before either. */
export type Outcome = Delivery | 'exited' | { readonly error: unknown };

/** Asks the engine. If the process exits before the engine answers, the exit is the answer. */
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

/** Logs a failure that a forced or a background delivery does not return to its caller. */
export const logFailure = (exec: ExecLoop, signal: number | string, outcome: Outcome): void => {
  const { log, options } = exec.ports;
  if (log === undefined || outcome === 'delivered' || outcome === 'exited') return;
  if (typeof outcome === 'object') {
    log.error({ err: outcome.error }, `Error in delivering signal ${signal}, to pid: ${exec.state.pid}`);
  } else {
    log.error(`Error: NotFound; exec: '${options.id}' in task: '${options.taskId}' not found`);
  }
};
