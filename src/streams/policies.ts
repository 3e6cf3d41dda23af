/**
 * How long each milestone may take. Every milestone has a budget of its own, so that none can eat another's.
 * All in milliseconds.
 */
import { invalid } from '../hcs/errors.js';

export interface DrainPolicy {
  /** The longest that output may go on after the exit. What has not come by then is cut. */
  readonly cap: number;
  /** End the drain earlier when nothing has come for this long. Off unless given. */
  readonly idle?: number;
}

export interface Policies {
  readonly drain: DrainPolicy;
  /** How long a killed process may take to report its end before it is given up. */
  readonly exitTimeout: number;
  /** How long publishing one event may take; containerd's own bound. */
  readonly publishTimeout: number;
  /** How long closing a handle or the upstream may take. A binary logger has ten seconds of its own. */
  readonly closeTimeout: number;
}

export const defaultPolicies: Policies = {
  drain: { cap: 1_000 },
  exitTimeout: 5_000,
  publishTimeout: 5_000,
  closeTimeout: 15_000,
};

/** Fills in what was not given, and refuses what is no time. */
export const policiesOf = (given: Partial<Policies> | undefined): Policies => {
  if (given === undefined) return defaultPolicies;
  const policies = { ...defaultPolicies, ...given };
  requireTime('drain.cap', policies.drain.cap);
  if (policies.drain.idle !== undefined) requireTime('drain.idle', policies.drain.idle);
  requireTime('exitTimeout', policies.exitTimeout);
  requireTime('publishTimeout', policies.publishTimeout);
  requireTime('closeTimeout', policies.closeTimeout);
  return policies;
};

/** Refuses what cannot be a number of milliseconds for a timer. */
export const requireTime = (field: string, value: unknown): void => {
  if (typeof value !== 'number' || !(value >= 0 && value <= 2 ** 31 - 1)) {
    throw invalid(field, value, 'milliseconds from 0 to 2147483647');
  }
};
