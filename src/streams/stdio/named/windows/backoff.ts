/**
 * How long to wait before the next try: longer each time, by chance a little more or less, until it has been too long.
 */

const FIRST = 200;
const FACTOR = 1.5;
const MOST = 60_000;
const JITTER = 0.5;

/**
 * The waits of one outage, in milliseconds.
 *
 * @param budget how long all may take together; 0 means no limit.
 * @param random a number from 0 to 1, for each wait.
 * @returns a function that returns the next wait, given the time since the outage began; `undefined` when there is to be none.
 */
export const backoff = (
  budget: number,
  random: () => number = Math.random,
): ((elapsed: number) => number | undefined) => {
  let interval = FIRST;
  return (elapsed) => {
    const wait = interval * (1 - JITTER + 2 * JITTER * random());
    interval = Math.min(interval * FACTOR, MOST);
    return budget > 0 && elapsed + wait > budget ? undefined : wait;
  };
};
