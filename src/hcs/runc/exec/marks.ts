/**
 * Allocates the marks that identify the processes of an exec (see native/process/mark.ts). A mark in use is given to no
 * other exec.
 *
 * Processes that an exec has started may outlive it, so the end of an exec does not free its mark at once. Once enough
 * execs have ended, one pass over the cgroup finds the marks that no process carries any more.
 */

import { isMainThread } from 'node:worker_threads';
import type { Observable } from 'rxjs';
import { markOf, nextMark } from '../../native/process/descendants/mark.js';
import type { Cgroup } from '../cgroup/cgroup.js';
import { eachProcess } from '../cgroup/processes.js';

export interface ExecMarks {
  /**
   * `undefined` in a worker thread: orphans are reparented to the main thread, which may be waiting for a process with
   * the same mark.
   */
  next(): number | undefined;
  /** Takes over the mark of a process that was started by another program. */
  adopt(mark: number): void;
  /** Call it when the exec's process has ended or could not be started. */
  ended(mark: number | undefined): void;
  has(mark: number): boolean;
}

/** How many execs may have ended before their marks are swept. */
const sweepThreshold = 256;

/** Marks of all containers of this process. */
const inUse = new Set<number>();

export const execMarks = (
  cgroup: () => Cgroup | undefined,
  containerExit$: Observable<unknown>,
): ExecMarks => {
  const own = new Set<number>();
  const leaderless = new Set<number>();
  const free = (mark: number): void => {
    for (const marks of [own, leaderless, inUse]) marks.delete(mark);
  };
  const sweep = (): void => {
    const carried = new Set<number | undefined>();
    eachProcess(cgroup(), (pid) => carried.add(markOf(pid)));
    for (const mark of leaderless) if (!carried.has(mark)) free(mark);
  };
  let threshold = sweepThreshold;
  containerExit$.subscribe(() => own.forEach(free));
  return {
    next: () => {
      if (!isMainThread) return undefined;
      const mark = nextMark(inUse);
      inUse.add(mark);
      own.add(mark);
      return mark;
    },
    adopt: (mark) => {
      inUse.add(mark);
      own.add(mark);
    },
    ended: (mark) => {
      if (mark === undefined || !own.has(mark)) return;
      leaderless.add(mark);
      if (leaderless.size < threshold) return;
      sweep();
      threshold = leaderless.size + sweepThreshold;
    },
    has: (mark) => own.has(mark),
  };
};
