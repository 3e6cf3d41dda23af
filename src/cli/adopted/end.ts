/** `rxshim stop` and `rxshim rm`. */
import { lastValueFrom } from 'rxjs';
import { adoptTask } from '../../index.js';
import { CliError, exitCodes } from '../options/usage.js';
import { adoptableIn, registryAt, type StateOptions, taskIn } from './registry.js';

export interface StopHow {
  readonly signal: string | undefined;
  /** In milliseconds. */
  readonly grace: number;
}

export const stop = async (id: string, { signal, grace }: StopHow, options: StateOptions): Promise<void> => {
  const registry = registryAt(options);
  const { state } = await adoptableIn(registry, id);
  if (state === 'exited') return;
  const task = await adoptTask({ id, system: registry.system(id) });
  await task.stop({ grace, ...(signal !== undefined && { signal }) });
};

export interface RemoveOptions extends StateOptions {
  readonly force?: boolean;
}

/** @throws CliError for a task that has not ended, without `force`. */
export const remove = async (id: string, { force = false, ...options }: RemoveOptions): Promise<void> => {
  const registry = registryAt(options);
  const { state } = await taskIn(registry, id);
  if (state !== 'exited' && !force) {
    const hint = `rxshim stop ${id}, or rxshim rm -f ${id}`;
    throw new CliError(`${id} has not ended (${state}): ${hint}`, exitCodes.failed);
  }
  await lastValueFrom(registry.remove(id), { defaultValue: undefined });
};
