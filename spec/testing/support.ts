/** What the specs of the testing kit have in common. */
import { createTask } from '../../src/streams/task/task.js';
import { inVirtualTime, type VirtualHarness, type VirtualTimeOptions } from '../../src/testing.js';

type SystemOptions = NonNullable<Parameters<VirtualHarness['system']>[0]>;

/** A task over a system in which `web` does as scripted. */
export const webTask = ({ scheduler, system }: VirtualHarness, options: SystemOptions = {}) =>
  createTask({
    id: 't',
    system: system(options),
    scheduler,
    spec: { args: ['web'] },
    stdio: { stdout: 'pipe' },
  });

/** What a test fails with. */
export const failureOf = async (test: PromiseLike<unknown>): Promise<Error> => {
  try {
    await test;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
};

/** What a test fails with. */
export const failing = (
  test: (harness: VirtualHarness) => unknown,
  options?: VirtualTimeOptions,
): Promise<Error> => failureOf(inVirtualTime(test, options));
