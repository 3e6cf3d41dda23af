/**
 * Deletes an exec, or the whole task. Only what has exited or was never started can be deleted, and only when its exit is
 * published, so that no delete event is published before an exit event.
 */
import { concat, defer, EMPTY, ignoreElements, merge, Observable, of, throwError } from 'rxjs';
import { uninterruptible } from '../../../operators/uninterruptible.js';
import { errorFrom } from '../../error-data.js';
import { taskEvent } from '../../events.js';
import { invalidState } from '../../exec/errors.js';
import type { Exec } from '../../exec/interface.js';
import { isStarting } from '../../exec/is-starting.js';
import { noSuchExec, noSuchTask } from '../errors.js';
import type { DeletedExec } from '../interface.js';
import type { TaskLoop } from '../machine.js';
import { initOf } from '../ports.js';
import { isClosed, isDeleted } from '../state/lifecycle.js';
import type { State } from '../state/state.js';
import { whenClosed } from './closed.js';
import { execsOf, lookUp } from './look-up.js';

export const deleteExec = (task: TaskLoop, execId: string): Observable<DeletedExec> =>
  defer(() => {
    const exec = lookUp(task, execId);
    const busy = exec.state === 'running' ? exec.state : isStarting(exec) ? 'starting' : undefined;
    if (busy !== undefined) return throwError(() => invalidState(exec, busy, 'delete'));
    const neverStarted$ = defer(() =>
      exec.state === 'created' ? exec.forceExit(0).pipe(ignoreElements()) : EMPTY,
    );
    const deleted$ =
      exec === initOf(task.ports)
        ? concat(othersExited(task), whenClosed(task), removed(task), statusOf(exec))
        : concat(exec.released$.pipe(ignoreElements()), forgotten(task, exec), statusOf(exec));
    return concat(neverStarted$, deleted$).pipe(uninterruptible());
  });

/** Every other exec is forced to exit with its task. */
const othersExited = (task: TaskLoop): Observable<never> =>
  defer(() =>
    merge(...execsOf(task).map((exec) => (exec.state === 'exited' ? EMPTY : exec.forceExit(1)))),
  ).pipe(ignoreElements());

const statusOf = (exec: Exec): Observable<DeletedExec> =>
  defer(() => {
    const { pid, exitStatus, exitedAt } = exec.status();
    return of({ pid, exitStatus, exitedAt });
  });

/**
 * Completes when the delete event of the task is out. If several requests come at the same time, the first deletes the
 * task and the others get `notFound`. If the removal fails, all get its error.
 */
const removed = (task: TaskLoop): Observable<never> =>
  new Observable((listener) => {
    const { handles, options } = task.ports;
    handles.requests += 1;
    const by = handles.requests;
    let removing = isRemoving(task.state);
    const settle = (state: State): void => {
      if (isRemoving(state)) removing = true;
      if (isDeleted(state) && state.deletedBy !== by) return listener.error(noSuchTask(options.id));
      if (state.phase === 'over') return listener.complete();
      if (state.phase === 'closed' && removing && state.removalFailure !== undefined)
        listener.error(errorFrom(state.removalFailure));
    };
    settle(task.state);
    if (listener.closed) return undefined;
    const changes = task.changes$.subscribe(settle);
    task.post({ type: 'deleteRequested', by });
    return changes;
  });

const isRemoving = (state: State): boolean =>
  isClosed(state) && !isDeleted(state) && state.phase !== 'closed';

const forgotten = (task: TaskLoop, exec: Exec): Observable<never> =>
  defer(() => {
    const { options, handles, events } = task.ports;
    // Another request for the same may have been first.
    if (handles.execs.get(exec.id) !== exec) throw noSuchExec(options.id, exec.id);
    handles.execs.delete(exec.id);
    task.post({ type: 'execForgotten', id: exec.id });
    const { pid, exitStatus, exitedAt } = exec.status();
    return events.publish(taskEvent('TaskDelete', options.id, { id: exec.id, pid, exitStatus, exitedAt }));
  }).pipe(ignoreElements());
