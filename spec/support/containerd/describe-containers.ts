/** Which specs of containers are run on this machine, and against this runtime. */
import { it, jest } from '@jest/globals';
import { describeWith } from '../needs.js';
import { isOwn, missing } from './runtime.js';

/** Describes what takes real containers. */
export const describeContainers: ReturnType<typeof describeWith> = (title, specs) => {
  // A machine may be busy with others.
  jest.setTimeout(60_000);
  describeWith(missing())(title, specs);
};

/** What holds for rxshim and not for the reference, on purpose. */
export const itIsBetter = isOwn ? it : it.skip;
