/** The watcher of a detached container: creates and starts it, reports that, and stays until it has ended. */
import { runc } from '../../hcs/runc/index.js';
import { createTask } from '../../index.js';
import type { DetachSettings } from './detach.js';

export const watch = async ({ id, bundle, directory, ...ownership }: DetachSettings): Promise<void> => {
  // Its launcher may be gone: then there is no one to report to.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // A signal to the watcher is not for the container.
  for (const name of ['SIGHUP', 'SIGINT'] as const) process.on(name, () => undefined);
  const system = runc({ id, bundle, records: { directory, ownership } });
  const task = await createTask({ id, system });
  try {
    await task.init.start();
  } catch (error) {
    await task[Symbol.asyncDispose]();
    throw error;
  }
  process.stdout.write(`${task.init.pid}\n`);
  await task.wait();
};
