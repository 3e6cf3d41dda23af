/**
 * Kills one exec of a task, or all of it. This is the one place for the rules of a whole container: how all of it is
 * signalled, and that an init that survives SIGKILL is terminated with its container. The rules for one process are in the
 * exec.
 */
import {
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  merge,
  type Observable,
  switchMap,
  throwError,
} from 'rxjs';
import { invalid, kindOf } from '../../../hcs/failures/errors.js';
import { requireKillMode } from '../../arguments.js';
import { execNotFound, invalidState } from '../../exec/errors.js';
import { isStarting } from '../../exec/is-starting.js';
import { cannotSignalAll } from '../errors.js';
import type { KillOptions } from '../interface.js';
import type { TaskLoop } from '../machine.js';
import { endDeadline, initOf } from '../ports.js';
import { execsOf, lookUp } from './look-up.js';

const sigkill = 9;

export const killExec = (
  task: TaskLoop,
  signal: number | string,
  { execId = '', all = false, killMode = 'leader', unstarted = 'discard' }: KillOptions,
): Observable<never> =>
  defer(() => {
    if (typeof execId !== 'string') throw invalid('execId', execId, 'the id of an exec');
    if (typeof all !== 'boolean') throw invalid('all', all, 'true or false');
    requireKillMode('killMode', killMode);
    const exec = lookUp(task, execId);
    const isInit = exec === initOf(task.ports);
    if (all && execId !== '') throw cannotSignalAll(execId);
    if (all && killMode === 'tree') throw invalid('killMode', killMode, "'leader' with `all`");
    if (unstarted !== 'discard' && unstarted !== 'refuse')
      throw invalid('unstarted', unstarted, "'discard' or 'refuse'");
    if (unstarted === 'refuse' && !isInit && exec.state === 'created' && !isStarting(exec))
      throw invalidState(exec, 'created', 'kill');
    if (isInit && numberOf(task, signal) === sigkill)
      task.post({ type: 'killSent', deadline: endDeadline(task.ports) });
    return all ? killAll(task, signal) : exec.kill(signal, { killMode }).pipe(ignoreElements());
  });

/** The system may know more processes than the execs do. If the init has no process yet, only its exec kills it. */
const killAll = (task: TaskLoop, signal: number | string): Observable<never> => {
  const { options, system, log } = task.ports;
  const init = initOf(task.ports);
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
      log?.warn({ tid: options.id, err: error }, 'failed to kill all of a task at once');
      return killEach(task, signal);
    }),
  );
};

/** Every exec first, but the init does not wait for them: a signal call may hang until its target is dead. */
const killEach = (task: TaskLoop, signal: number | string): Observable<never> =>
  merge(killOthers(task, signal), initOf(task.ports).kill(signal)).pipe(ignoreElements());

/** A failure to signal an exec is no reason not to signal the init. */
const killOthers = (task: TaskLoop, signal: number | string): Observable<never> =>
  merge(
    ...execsOf(task).map((exec) =>
      exec.kill(signal).pipe(
        catchError((err) => {
          task.ports.log?.warn({ tid: exec.taskId, eid: exec.id, err }, 'failed to kill exec in task');
          return EMPTY;
        }),
      ),
    ),
  ).pipe(ignoreElements());

/** The number of a signal; `undefined` where the system does not take it, or has no number for it. */
const numberOf = ({ ports }: TaskLoop, signal: number | string): number | undefined => {
  const { signals } = ports.system;
  const action = typeof signal === 'number' ? signals.forNumber(signal) : signals.forText(signal);
  if (action?.kind === 'kill') return sigkill;
  return typeof action?.options.Signal === 'number' ? action.options.Signal : undefined;
};
