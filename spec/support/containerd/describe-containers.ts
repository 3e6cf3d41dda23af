/** Which specs of containers are run on this machine, and against this runtime. */
import { describe, it } from '@jest/globals';
import { isOwn, missing } from './runtime.js';

/**
 * Describes what takes real containers. Where the machine lacks something it is skipped, and says why; in CI, where all of
 * it is installed, it fails instead.
 */
export const describeContainers = (name: string, specs: () => void): void => {
  const lack = missing();
  if (lack === undefined) describe(name, specs);
  else if (process.env['CI'] === 'true') throw new Error(`these specs may not be skipped here: ${lack}`);
  else describe.skip(`${name} (${lack})`, specs);
};

/** What holds for rxshim and not for the reference, on purpose. */
export const itIsBetter = isOwn ? it : it.skip;
