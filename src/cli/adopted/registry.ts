/**
 * The containers that `rxshim run -d` has started, by the records in its state directory.
 */

import { runcRegistry } from '../../hcs/runc/index.js';
import type { ListedTask, TaskRegistry } from '../../index.js';
import { listTasks } from '../../index.js';
import { badOption, CliError, exitCodes } from '../options/usage.js';

/** The options that all of these commands have. */
export interface StateOptions {
  readonly state?: string;
}

/** Where the records are: `--state`, `RXSHIM_STATE`, or a directory that, like the containers, does not survive a boot. */
export const stateDirectory = ({ state = process.env['RXSHIM_STATE'] }: StateOptions): string => {
  if (state === '') throw badOption('--state', state, 'a directory');
  return state ?? '/run/rxshim/tasks';
};

export const registryAt = (options: StateOptions): TaskRegistry =>
  runcRegistry({ directory: stateDirectory(options) });

/** @throws CliError if there is no such task. */
export const taskIn = async (registry: TaskRegistry, id: string): Promise<ListedTask> => {
  const found = (await listTasks({ registry })).find((task) => task.id === id);
  if (found === undefined) throw new CliError(`no such task: ${id}`, exitCodes.failed);
  return found;
};

/** @throws CliError for a task that cannot be adopted. */
export const adoptableIn = async (registry: TaskRegistry, id: string): Promise<ListedTask> => {
  const task = await taskIn(registry, id);
  if (task.state === 'lost')
    throw new CliError(`${id} is lost: ${task.reason}; remove it: rxshim rm -f ${id}`, exitCodes.failed);
  return task;
};
