/**
 * Waits for the real event loop. Imported from modules rather than globals, so that fake timers do not matter.
 */
import { setImmediate, setTimeout } from 'node:timers';

/** Resolves after all pending promises and `nextTick` callbacks. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Resolves after the timers that were due. */
export const nextTimers = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));
