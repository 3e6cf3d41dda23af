/**
 * The ids of requests. Each connection to a guest has a range of its own, above those of all earlier connections, also
 * those of other programs: a guest may answer the requests of an earlier connection on a later one.
 */
import { randomInt } from 'node:crypto';

/** The size of a range. A connection may send more requests as long as the next one starts later. */
export const idsOfConnection = 1n << 20n;

let lastMillisecond = 0;

/**
 * The first id of a new connection: 41 bits of time and 19 bits at random, which is less than the 63 bits that all
 * agents support. The random part separates two programs that connect within a millisecond.
 */
export const newFirstId = (): bigint => {
  lastMillisecond = Math.max(Date.now(), lastMillisecond + 1);
  return BigInt(lastMillisecond) * idsOfConnection + BigInt(randomInt(2 ** 19));
};
