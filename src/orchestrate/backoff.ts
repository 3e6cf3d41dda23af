/** Pauses that grow as long as something keeps failing. */

import { invalid } from '../hcs/failures/errors.js';
import { refuseUnknown } from '../hcs/failures/refuse-unknown.js';
import { requireObject } from '../streams/arguments.js';
import { requireTime } from '../streams/policies.js';

export interface Backoff {
  /** The first pause, in milliseconds; each later one is twice as long. Default 1000. */
  readonly first: number;
  /** The longest pause. Default 60000. */
  readonly max: number;
  /**
   * How much of a pause is random, from 0 to 1, so that things that have failed together do not restart together.
   * Default 0.5: a pause is between half and all of its length.
   */
  readonly jitter: number;
}

const defaults: Backoff = { first: 1_000, max: 60_000, jitter: 0.5 };

/** Returns the pause after so many failures in a row, counted from 1. */
export const backoff = (
  given: Partial<Backoff> | undefined,
  random: () => number,
): ((failures: number) => number) => {
  requireObject('backoff', given ?? {});
  refuseUnknown('backoff.', given ?? {}, Object.keys(defaults));
  const { first, max, jitter } = { ...defaults, ...given };
  requireTime('backoff.first', first);
  requireTime('backoff.max', max);
  if (!(jitter >= 0 && jitter <= 1)) throw invalid('backoff.jitter', jitter, 'a number from 0 to 1');
  return (failures) => {
    // 2 ** 31 ms is more than any timer takes.
    const whole = Math.min(first * 2 ** Math.min(failures - 1, 31), max);
    return Math.round(whole * (1 - jitter * random()));
  };
};
