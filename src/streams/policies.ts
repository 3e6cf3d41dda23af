/**
 * How long each milestone may take. Every milestone has a budget of its own, so that none can eat another's.
 * All in milliseconds.
 */
import { invalid } from '../hcs/failures/errors.js';
import { refuseUnknown } from '../hcs/failures/refuse-unknown.js';
import { requireObject } from './arguments.js';

/** How long output is copied after the exit of its process. */
export interface DrainPolicy {
  /**
   * How long output may go on after the exit, if a process that inherited it holds it open. Later output is cut. Output
   * from before the exit is owed to the reader and exempt from this limit.
   */
  readonly cap: number;
  /** End the drain earlier when nothing has come for this long. Off unless given. */
  readonly idle?: number;
  /**
   * How long a reader may take nothing of what was written before the exit until that is cut as well. Default 10000. With
   * 0 nothing is owed to a reader: `cap` and `idle` bound all.
   */
  readonly stall?: number;
  /**
   * The fate of output that is not copied by then, if the kernel moves it. Default `cut`: it is lost. `owed`: output
   * from before the exit still goes to its reader, as long as that reads. `all`: so does later output, until the exec is
   * deleted.
   */
  readonly rest?: DrainRest;
}

/** The fate of output that is not copied when the drain ends. */
export type DrainRest = 'cut' | 'owed' | 'all';

/** The timeouts of an exec. */
export interface Policies {
  readonly drain: DrainPolicy;
  /** How long a killed process may take to report its end. After that its exec no longer waits for it. */
  readonly exitTimeout: number;
  /** How long publishing one event may take; containerd's own bound. */
  readonly publishTimeout: number;
  /** How long closing a handle or the upstream may take. A binary logger has ten seconds of its own. */
  readonly closeTimeout: number;
  /**
   * How long a container may take to end: after the shutdown request, again after it was terminated, and after SIGKILL.
   */
  readonly endTimeout: number;
}

/** The timeouts that hold if nothing else is given. */
export const defaultPolicies: Policies = {
  drain: { cap: 1_000, stall: 10_000 },
  exitTimeout: 5_000,
  publishTimeout: 5_000,
  closeTimeout: 15_000,
  endTimeout: 30_000,
};

/** Fills in the defaults, and refuses a value that is no time. */
export const policiesOf = (given: Partial<Policies> | undefined): Policies => {
  if (given === undefined) return defaultPolicies;
  requireObject('policies', given);
  refuseUnknown('policies.', given, Object.keys(defaultPolicies));
  // As everywhere among the policies, null stands for one that is left out.
  if (given.drain !== undefined && given.drain !== null) {
    requireObject('policies.drain', given.drain);
    refuseUnknown('policies.drain.', given.drain, ['cap', 'idle', 'stall', 'rest']);
  }
  const { drain, ...times } = defaultPolicies;
  const policies = { drain: { ...drain, ...given.drain }, ...times };
  for (const name of Object.keys(times) as (keyof typeof times)[]) {
    policies[name] = given[name] ?? times[name];
    requireTime(`policies.${name}`, policies[name]);
  }
  requireTime('policies.drain.cap', policies.drain.cap);
  if (policies.drain.idle !== undefined) requireTime('policies.drain.idle', policies.drain.idle);
  requireTime('policies.drain.stall', policies.drain.stall);
  const { rest } = policies.drain as DrainPolicy;
  if (rest !== undefined && !['cut', 'owed', 'all'].includes(rest))
    throw invalid('policies.drain.rest', rest, "'cut', 'owed' or 'all'");
  return policies;
};

/** Refuses what cannot be a number of milliseconds for a timer. */
export const requireTime = (field: string, value: unknown): void => {
  if (typeof value !== 'number' || !(value >= 0 && value <= 2 ** 31 - 1)) {
    throw invalid(field, value, 'milliseconds from 0 to 2147483647');
  }
};
