/** Turns of the real event loop. Of the module, not the globals: fake timers, whenever put in, do not matter. */
import { setImmediate, setTimeout } from 'node:timers';

/** Promises and `nextTick` have nothing left to do after it. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Timers that were due at once have fired after it. */
export const nextTimers = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));
