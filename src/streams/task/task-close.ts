/**
 * The end of a task, from the release of its init: the container is shut down or terminated, what still runs in it is
 * seen to its end, and only then is the init's exit told. So it is the last exit of its container.
 */
import { concat, defer, EMPTY, ignoreElements, merge, type Observable, of } from 'rxjs';
import type { Act } from '../../hcs/contract/compute-process.js';
import { statusWhenKilled } from '../../hcs/contract/exit-code.js';
import { settledWithin } from '../../operators/settled-within.js';
import { taskEvent } from '../events.js';
import type { ExecOutcome } from '../exec/interface.js';
import { logTrouble } from '../log.js';
import { closeContainer, endContainer } from './container.js';
import { execsOf, type TaskContext } from './task-context.js';

/** Does all of it within its bounds, then emits the init's outcome. */
export const closeTask = (task: TaskContext, outcome: ExecOutcome): Observable<ExecOutcome> => {
  const { options, policies } = task;
  const step = (act: () => Act, within: number, failing: string): Observable<never> =>
    settledWithin(act, within, task.scheduler, (trouble) => logTrouble(options.log, trouble, failing));
  return concat(
    endContainer(task.container),
    step(() => execsEnded(task), policies.endTimeout, 'execs have outlived their container'),
    endExecs(task),
    closeContainer(task.container),
    task.decided$,
    step(() => tellExit(task), policies.publishTimeout, 'failed to publish TaskExitEvent'),
    of(outcome),
  );
};

/** With its container gone each of them ends; those that never ran are discarded by the same fact. */
const execsEnded = (task: TaskContext): Observable<unknown> =>
  merge(...execsOf(task).map((exec) => exec.released$));

/** Of those that are left each has bounds of its own from here on. Their exits come before that of the init. */
const endExecs = (task: TaskContext): Observable<never> =>
  defer(() => {
    const left = execsOf(task).filter(({ state }) => state !== 'exited');
    return merge(...left.map((exec) => exec.forceExit(statusWhenKilled)), execsEnded(task));
  }).pipe(ignoreElements());

const tellExit = ({ options, init, events, told }: TaskContext): Act => {
  // Of what was never told to exist no end is told either.
  if (!told) return EMPTY;
  const { pid, exitStatus, exitedAt } = init.status();
  const at = exitedAt ?? new Date(0);
  return events.publish(taskEvent('TaskExit', options.id, { id: options.id, pid, exitStatus, exitedAt: at }));
};
