/** Which specs of containers are run on this machine, and against this runtime. */
import { it, jest } from '@jest/globals';
import { lackAsRoot } from '../lacks.js';
import { describeWith } from '../needs.js';
import { isOwn, missing } from './runtime.js';

/** Describes what takes real containers, and these programs. */
export const describeContainersWith =
  (...programs: readonly string[]): ReturnType<typeof describeWith> =>
  (title, specs) => {
    // A machine may be busy with others.
    jest.setTimeout(60_000);
    describeWith(missing() ?? lackAsRoot(...programs))(title, specs);
  };

/** Describes what takes real containers. */
export const describeContainers = describeContainersWith();

/** What holds for rxshim and not for the reference, on purpose. */
export const itIsBetter = isOwn ? it : it.skip;
