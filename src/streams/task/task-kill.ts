/**
 * Kill for a task: one exec, or all of it. The one place for the rules of a whole container: how all of it is signalled, and
 * what becomes of an init that SIGKILL does not end.
 */
import {
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  switchMap,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { invalid, kindOf } from '../../hcs/failures/errors.js';
import { settleWithin } from '../../operators/settle-within.js';
import { execNotFound } from '../exec/errors.js';
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
    return all ? killAll(task, signal) : exec.kill(signal, { killMode }).pipe(ignoreElements());
  });

/** The system knows more processes than the execs. An init without a process yet is the exec's own affair. */
const killAll = (task: TaskContext, signal: number | string): Observable<never> => {
  const { options, init } = task;
  const { system } = options;
  const number = numberOf(task, signal);
  if (system.signalAll === undefined || number === undefined || init.pid === 0 || init.state === 'exited')
    return killEach(task, signal);
  return system.signalAll(number).pipe(
    switchMap((delivery) =>
      delivery === 'delivered' || delivery === 'alreadyStopped'
        ? EMPTY
        : throwError(() => execNotFound(init)),
    ),
    catchError((error) => {
      if (kindOf(error) === 'notFound' || number !== sigkill) throw error;
      options.log?.warn({ tid: options.id, err: error }, 'failed to kill all of a task at once');
      return killEach(task, signal);
    }),
  );
};

/** Every exec first, but the init does not wait for them: a signal call may hang until its target is dead. */
const killEach = (task: TaskContext, signal: number | string): Observable<never> =>
  merge(killOthers(task, signal), task.init.kill(signal)).pipe(ignoreElements());

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

const isKill = (task: TaskContext, signal: number | string): boolean => numberOf(task, signal) === sigkill;

/** The number of a signal; `undefined` where the system does not take it, or has no number for it. */
const numberOf = ({ options }: TaskContext, signal: number | string): number | undefined => {
  const { signals } = options.system;
  const action = typeof signal === 'number' ? signals.forNumber(signal) : signals.forText(signal);
  if (action?.kind === 'kill') return sigkill;
  return typeof action?.options.Signal === 'number' ? action.options.Signal : undefined;
};

/** An init that outlives SIGKILL by the time that a container may take to end is ended with its container. */
const terminateIfItSurvives = (task: TaskContext): void => {
  const { options, policies, scheduler, init, life } = task;
  const failing = 'failed to terminate the container of an init that survived SIGKILL';
  const survived$ = timer(policies.endTimeout, scheduler).pipe(takeUntil(init.exit$));
  life.add(
    survived$.subscribe(() =>
      settleWithin(
        () => options.system.terminate(),
        policies.closeTimeout,
        scheduler,
        (trouble) => logTrouble(options.log, trouble, failing),
      ),
    ),
  );
};
