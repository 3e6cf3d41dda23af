/** The errors of a task's commands, in the words that containerd's users know from the original. */
import { RxshimError } from '../../hcs/failures/errors.js';

export const execExists = (taskId: string, id: string): RxshimError =>
  new RxshimError('alreadyExists', `exec: '${id}' in task: '${taskId}' already exists`);

export const noSuchExec = (taskId: string, id: string): RxshimError =>
  new RxshimError('notFound', `exec: '${id}' in task: '${taskId}' not found`);

export const noSuchTask = (taskId: string): RxshimError =>
  new RxshimError('notFound', `task with id: '${taskId}' not found`);

export const initMustRun = (taskId: string): RxshimError =>
  new RxshimError(
    'failedPrecondition',
    `exec: '' in task: '${taskId}' must be running to create additional execs`,
  );

export const cannotSignalAll = (execId: string): RxshimError =>
  new RxshimError('failedPrecondition', `cannot signal all for non-empty exec: '${execId}'`);
