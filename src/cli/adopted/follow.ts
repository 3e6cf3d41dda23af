/** `rxshim logs` and `rxshim attach`: shows the output of a task on this program's own stdout and stderr. */
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { outputFiles } from '../../hcs/runc/index.js';
import { adoptTask, type OutputStart } from '../../index.js';
import { adoptableIn, registryAt, type StateOptions, stateDirectory } from './registry.js';

/** The output so far. */
export const show = async (id: string, options: StateOptions): Promise<void> => {
  await adoptableIn(registryAt(options), id);
  const files = outputFiles({ directory: stateDirectory(options), id });
  for (const name of ['stdout', 'stderr'] as const) {
    const path = files[name];
    if (path === undefined) continue;
    const file = createReadStream(path);
    file.pipe(process[name], { end: false });
    await once(file, 'close');
  }
};

/** Until the task has ended. @returns its exit status. */
export const follow = async (id: string, output: OutputStart, options: StateOptions): Promise<number> => {
  const registry = registryAt(options);
  await adoptableIn(registry, id);
  const task = await adoptTask({
    id,
    system: registry.system(id),
    output,
    stdio: { stdout: 'inherit', stderr: 'inherit' },
  });
  const outcome = await task.wait();
  if (outcome.kind === 'lost')
    process.stderr.write(`rxshim: ${id}: its exit is unknown: ${outcome.reason}\n`);
  return outcome.status;
};
