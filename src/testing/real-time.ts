/** Turns of the real event loop. Taken when this is loaded: jest's fake timers, put in later, do not matter. */
const { setImmediate: immediate, setTimeout: timeout } = globalThis;

/** Promises and `nextTick` have nothing left to do after it. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void immediate(resolve));

/** Timers that were due at once have fired after it. */
export const nextTimers = (): Promise<void> => new Promise((resolve) => void timeout(resolve, 1));
