/**
 * Which of some processes run.
 */
import { type ProcessEntry, processEntry } from '../native/proc.js';

/** Without those that have ended and only wait for their parents. */
export const running = (pids: Iterable<number>): readonly ProcessEntry[] =>
  [...pids].flatMap((pid) => {
    const entry = processEntry(pid);
    return entry === undefined || entry.ended ? [] : [entry];
  });
