/**
 * How much may be done in one turn of the event loop.
 *
 * Sources, sinks and moves that always find the other side ready would otherwise go on without end, from promise to
 * promise, and nothing else would run. They share one budget of about a millisecond.
 */

/** The fixed cost of a read, a write or a wake-up, in copied bytes. */
const CALL = 16 * 1024;
const BUDGET = 2 * 1024 * 1024;

let spent = 0;

/** Takes the cost of moving `bytes` from this turn's budget; false when the next step belongs in another turn. */
export const withinTurn = (bytes: number): boolean => {
  if (spent === 0) setImmediate(startAfresh);
  spent += bytes + CALL;
  return spent < BUDGET;
};

const startAfresh = (): void => {
  spent = 0;
};
