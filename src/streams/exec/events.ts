/**
 * The events that an exec publishes, derived from its state, so that every subscriber gets the same at any time.
 */
import { filter, map, merge, type Observable, take } from 'rxjs';
import { type TaskEvent, taskEvent } from '../events.js';
import type { ExecState } from './state/state.js';
import { type ExecIdentity, isInitOf } from './status.js';

export const startEvent = (identity: ExecIdentity, pid: number): TaskEvent => {
  const { taskId, id } = identity;
  return isInitOf(identity)
    ? taskEvent('TaskStart', taskId, { pid })
    : taskEvent('TaskExecStarted', taskId, { execId: id, pid });
};

/** The exit event, once there is an exit and the start was published. */
export const exitEvent = (
  { taskId, id }: ExecIdentity,
  { exit, pid, announced }: Pick<ExecState, 'pid' | 'announced' | 'exit'>,
): TaskEvent | undefined =>
  exit === undefined || !announced
    ? undefined
    : taskEvent('TaskExit', taskId, { id, pid, exitStatus: exit.status, exitedAt: new Date(exit.at) });

/** Start and exit as published. An init's exit is published by its task, once the container has ended. */
export const eventsOf = (exec: ExecIdentity, state$: Observable<ExecState>): Observable<TaskEvent> => {
  const started$ = state$.pipe(
    filter((now) => now.announced),
    map((now) => startEvent(exec, now.pid)),
    take(1),
  );
  const exited$ = state$.pipe(
    filter((now) => now.phase === 'released' && !isInitOf(exec)),
    map((now) => exitEvent(exec, now)),
    filter((event) => event !== undefined),
  );
  return merge(started$, exited$);
};
