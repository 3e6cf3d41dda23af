/** Kills a process whose exec cannot go on. */
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

/** Does nothing if the process was killed already. */
export const kill: ExecEffect = (ports, state) => (state.killed ? EMPTY : killing(ports, state));

/**
 * If the container ends while its exec is being started, the process is killed when the start is done. If the start
 * hangs, the kill waits in the queue no longer than `exitTimeout`, and finds no process yet.
 */
export const killQueued: ExecEffect = (ports, state) => {
  if (!state.killPending) return EMPTY;
  const { handles, enqueue, policies } = ports;
  const left$ = new Subject<void>();
  const kill$ = defer(() => (handles.process === undefined ? EMPTY : killing(ports, state)));
  // Leaving the scope cancels the kill and frees its place in the queue.
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
