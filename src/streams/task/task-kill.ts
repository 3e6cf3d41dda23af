/** Kill for a task: one exec, or every exec and then the init. */
import {
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { invalid } from '../../hcs/errors.js';
import { conclude } from '../../operators/conclude.js';
import { logTrouble } from '../log.js';
import { execsOf, lookUp, type TaskContext } from './task-context.js';
import { cannotSignalAll } from './task-errors.js';
import type { KillOptions } from './task-interface.js';

const sigkill = 9;

export const killExec = (
  task: TaskContext,
  signal: number | string,
  { execId = '', all = false, killMode = 'leader' }: KillOptions,
): Observable<never> =>
  defer(() => {
    const exec = lookUp(task, execId);
    if (all && execId !== '') return throwError(() => cannotSignalAll(execId));
    if (all && killMode === 'tree')
      return throwError(() => invalid('killMode', killMode, "'leader' with `all`"));
    if (exec === task.init && isKill(task, signal)) terminateIfItSurvives(task);
    // Every exec first, but the init does not wait for them: a signal call may hang until its target is dead.
    return merge(all ? killOthers(task, signal) : EMPTY, exec.kill(signal, { killMode })).pipe(
      ignoreElements(),
    );
  });

/** What cannot be signalled beside the init is no reason not to signal the init. */
const killOthers = (task: TaskContext, signal: number | string): Observable<never> =>
  merge(
    ...execsOf(task).map((exec) =>
      exec.kill(signal).pipe(
        catchError((err) => {
          task.options.log?.warn({ tid: exec.taskId, eid: exec.id, err }, 'failed to kill exec in task');
          return EMPTY;
        }),
      ),
    ),
  ).pipe(ignoreElements());

const isKill = ({ options }: TaskContext, signal: number | string): boolean => {
  const { signals } = options.system;
  const action = typeof signal === 'number' ? signals.forNumber(signal) : signals.forText(signal);
  return action?.kind === 'kill' || action?.options.Signal === sigkill;
};

/** An init that outlives SIGKILL by the time that a container may take to end is ended with its container. */
const terminateIfItSurvives = (task: TaskContext): void => {
  const { options, policies, scheduler, init, life } = task;
  const failing = 'failed to terminate the container of an init that survived SIGKILL';
  const survived$ = timer(policies.endTimeout, scheduler).pipe(takeUntil(init.exit$));
  life.add(
    survived$.subscribe(() =>
      conclude(
        () => options.system.terminate(),
        policies.closeTimeout,
        scheduler,
        (trouble) => logTrouble(options.log, trouble, failing),
      ),
    ),
  );
};
