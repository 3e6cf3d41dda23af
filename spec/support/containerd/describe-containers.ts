/** Which specs of containers are run on this machine, and against this runtime. */
import { it } from '@jest/globals';
import { describeWith } from '../needs.js';
import { isOwn, missing } from './runtime.js';

/** Describes what takes real containers. */
export const describeContainers = describeWith(missing());

/** What holds for rxshim and not for the reference, on purpose. */
export const itIsBetter = isOwn ? it : it.skip;
