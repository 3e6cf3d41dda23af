/**
 * Forgetting an exec, or the whole task. Only what has ended or never ran can be forgotten, and only once its exit is
 * told, so that no delete event overtakes an exit event.
 */
import { concat, defer, EMPTY, finalize, ignoreElements, merge, type Observable, throwError } from 'rxjs';
import { uninterruptible } from '../../operators/uninterruptible.js';
import { taskEvent } from '../events.js';
import { invalidState } from '../exec/errors.js';
import type { Exec } from '../exec/interface.js';
import { isStarting } from '../exec/is-starting.js';
import { deleteContainer } from './container.js';
import { execsOf, lookUp, type TaskContext } from './task-context.js';
import { noSuchExec, noSuchTask } from './task-errors.js';
import type { DeletedExec } from './task-interface.js';

export const deleteExec = (task: TaskContext, execId: string): Observable<DeletedExec> =>
  defer(() => {
    const exec = lookUp(task, execId);
    const busy = exec.state === 'running' ? exec.state : isStarting(exec) ? 'starting' : undefined;
    if (busy !== undefined) return throwError(() => invalidState(exec, busy, 'delete'));
    const neverRan$ = defer(() =>
      exec.state === 'created' ? exec.forceExit(0).pipe(ignoreElements()) : EMPTY,
    );
    const isInit = exec === task.init;
    return concat(
      neverRan$,
      isInit ? othersEnded(task) : EMPTY,
      ended(task, exec),
      isInit ? deleteContainer(task.container) : EMPTY,
      forget(task, exec),
    ).pipe(uninterruptible());
  });

/** Every other exec is ended with its task. */
const othersEnded = (task: TaskContext): Observable<never> =>
  merge(...execsOf(task).map((exec) => (exec.state === 'exited' ? EMPTY : exec.forceExit(1)))).pipe(
    ignoreElements(),
  );

/** An exec has ended when it is released, an init when its container is gone as well; both are bounded already. */
const ended = ({ init, closed$ }: TaskContext, exec: Exec): Observable<never> =>
  (exec === init ? closed$ : exec.released$).pipe(ignoreElements());

const forget = (task: TaskContext, exec: Exec): Observable<DeletedExec> =>
  defer(() => {
    const { options, init, execs, events } = task;
    const { pid, exitStatus, exitedAt } = exec.status();
    const isInit = exec === init;
    // Somebody else may have asked for the same, and been first.
    const first = isInit ? !task.deleted : execs.get(exec.id) === exec;
    if (!first) throw isInit ? noSuchTask(options.id) : noSuchExec(options.id, exec.id);
    if (isInit) {
      task.deleted = true;
      execs.clear();
    } else execs.delete(exec.id);
    const id = isInit ? '' : exec.id;
    const told$ = events.publish(taskEvent('TaskDelete', options.id, { id, pid, exitStatus, exitedAt })).pipe(
      ignoreElements(),
      // The last event of a task is that it was deleted.
      finalize(() => isInit && events.end()),
    );
    return concat(told$, [{ pid, exitStatus, exitedAt }]);
  });
