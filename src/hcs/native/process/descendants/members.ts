/**
 * The processes of a tree, as listed by an engine.
 */
import type { ProcessEntry } from '../proc.js';

/** Processes that may be forking. */
export interface Members {
  /**
   * Lists the running processes. Zombies that are not awaited are reaped.
   *
   * @throws RxshimError `unavailable` if they cannot be listed.
   */
  list(): readonly ProcessEntry[];
  /** The processes that this program has started and not reaped yet; known without reading /proc. */
  readonly living: Iterable<number>;
}
