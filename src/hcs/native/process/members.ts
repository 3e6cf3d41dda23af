/**
 * The processes of a tree, as an engine finds them.
 */
import type { ProcessEntry } from './proc.js';

/** Some processes, which may be starting others. */
export interface Members {
  /**
   * All that run now. Those that have ended and that nobody waits for are reaped.
   *
   * @throws RxshimError `unavailable` when they cannot be listed.
   */
  list(): readonly ProcessEntry[];
  /** Those started by this program and not reaped yet; known without a look. */
  readonly living: Iterable<number>;
}
