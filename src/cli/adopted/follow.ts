/** `rxshim logs` and `rxshim attach`: shows the output of a task on this program's own stdout and stderr. */
import { createReadStream } from 'node:fs';
import { outputFiles } from '../../hcs/runc/index.js';
import { adoptTask, type OutputStart } from '../../index.js';
import { descriptorWriter } from '../terminal/descriptor-writer.js';
import { assertWritten, readerLeftCode } from '../terminal/own-output.js';
import { adoptableIn, registryAt, type StateOptions, stateDirectory } from './registry.js';

/** The output so far, as far as the reader of it stays. @returns the exit status of this program. */
export const show = async (id: string, options: StateOptions): Promise<number> => {
  await adoptableIn(registryAt(options), id);
  const files = outputFiles({ directory: stateDirectory(options), id });
  for (const [name, fd] of streams) {
    const path = files[name];
    if (path === undefined) continue;
    const writer = descriptorWriter(fd);
    for await (const chunk of createReadStream(path)) {
      writer.write(chunk);
      assertWritten(writer);
      if (writer.failure() !== undefined) return readerLeftCode;
    }
  }
  return 0;
};

/** Until the task has ended. @returns its exit status; `undefined` if the reader of its output left before. */
export const follow = async (
  id: string,
  output: OutputStart,
  options: StateOptions,
): Promise<number | undefined> => {
  const registry = registryAt(options);
  await adoptableIn(registry, id);
  let leave = (): void => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const writers = { stdout: descriptorWriter(1), stderr: descriptorWriter(2) };
  const shown = (name: 'stdout' | 'stderr') => ({
    write: async (chunk: Uint8Array): Promise<void> => {
      writers[name].write(chunk);
      if (writers[name].failure() !== undefined) leave();
    },
  });
  const task = await adoptTask({
    id,
    system: registry.system(id),
    output,
    stdio: { stdout: shown('stdout'), stderr: shown('stderr') },
  });
  const outcome = await Promise.race([task.wait(), left]);
  for (const writer of Object.values(writers)) assertWritten(writer);
  if (outcome === undefined) return undefined;
  if (outcome.kind === 'lost')
    process.stderr.write(`rxshim: ${id}: its exit is unknown: ${outcome.reason}\n`);
  return outcome.status;
};

const streams = [
  ['stdout', 1],
  ['stderr', 2],
] as const;
