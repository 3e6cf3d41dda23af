/** Ending a process without asking, because its exec cannot go on. */
import {
  concat,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  type Observable,
  Subject,
  takeUntil,
} from 'rxjs';
import { steps } from '../../../operators/steps.js';
import { killCall, killFacts } from '../engine/kill-call.js';
import { type ExecEffect, type Ports, step } from '../ports.js';
import type { Fact } from '../state/fact.js';
import type { State } from '../state/state.js';

/** Unless it was killed already. */
export const kill: ExecEffect = (ports, state) => (state.killed ? EMPTY : killing(ports, state));

/**
 * A container that ends while its exec is being started has the process killed as soon as that is done. When the start
 * hangs, the queue lets it pass, and there is nothing to kill yet.
 */
export const killQueued: ExecEffect = (ports, state) => {
  if (!state.killPending) return EMPTY;
  const { handles, enqueue, policies } = ports;
  const left$ = new Subject<void>();
  const kill$ = defer(() => (handles.process === undefined ? EMPTY : killing(ports, state)));
  // Leaving the scope ends the work, and with it its place in the queue.
  return enqueue(kill$.pipe(takeUntil(left$)), {
    workTimeout: policies.exitTimeout,
    queueTimeout: policies.exitTimeout,
  }).pipe(finalize(() => left$.next()));
};

const killing = (ports: Ports, state: State): Observable<Fact> => {
  const { policies, scheduler } = ports;
  const call = step(
    ports,
    () => killCall(ports, state, 'tree').pipe(ignoreElements()),
    policies.exitTimeout,
    'failed to kill the process',
  );
  return concat(from(killFacts(ports, state, 'tree')), steps([call], scheduler));
};
