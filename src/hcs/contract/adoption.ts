/**
 * Adoption: a compute system that already exists, created by an earlier process of the same program or by another
 * client, is taken over with its processes.
 *
 * The invariant: an adopted system reports only what it has found out. An exit that cannot be read is `unknown` with the
 * reason, which an exec reports as `lost`; output that cannot be read is an `OutputGap`.
 */
import type { ComputeProcess } from './compute-process.js';

/**
 * Where the output of an adopted process begins:
 *
 * - `left`: where the previous owner stopped reading, as far as that is recorded; otherwise as `start`.
 * - `start`: at the first byte that is still kept.
 * - `end`: with what the process writes from now on. Nothing before it counts as missing.
 */
export type OutputStart = 'left' | 'start' | 'end';

/** Options of `adopt`. */
export interface AdoptRequest {
  /** Default: `left`. */
  readonly output?: OutputStart;
}

/** A process that an adopted system knows: running, waiting for its start, or ended. */
export interface AdoptedProcess {
  /** The id that the process was created with (`ProcessIdentity`); empty for the first process of the system. */
  readonly id: string;
  /** `created`: the system's `start` has yet to run its program. `started`: it runs, or has ended. */
  readonly phase: 'created' | 'started';
  /**
   * The process. After it has ended `exit$` emits what is known of its exit at once, and `stdio` has the output that is
   * still to be read. A stream that is not there any more is absent.
   */
  readonly process: ComputeProcess;
  readonly terminal: boolean;
}

/** A system that was taken over. */
export interface AdoptedSystem {
  readonly init: AdoptedProcess;
  /** The others that are known, in the order of their creation. */
  readonly execs: readonly AdoptedProcess[];
  /** Its labels, among them those of its owner (`ownershipOf`). */
  readonly labels: Readonly<Record<string, string>>;
  /** The path of its bundle. */
  readonly bundle?: string;
}
