/**
 * The marks of a container's execs. One that is in use is given to no other process.
 *
 * What an exec has started may run on, so that the end of its process frees no mark. Whether any process bears it still
 * is looked at once for many.
 */

import { isMainThread } from 'node:worker_threads';
import type { Observable } from 'rxjs';
import { markOf, nextMark } from '../../native/process/mark.js';
import type { Cgroup } from '../cgroup/cgroup.js';
import { visitProcesses } from '../cgroup/processes.js';

export interface ExecMarks {
  /** `undefined` in a worker thread: orphans come to the main one, which may be waiting for a process of that mark. */
  next(): number | undefined;
  /** Its process has ended, or never was. */
  ended(mark: number | undefined): void;
  has(mark: number): boolean;
}

/** How many execs may have ended before it is looked which of their marks are free. */
const most = 256;

/** Of all containers. */
const inUse = new Set<number>();

export const execMarks = (cgroup: () => Cgroup | undefined, gone$: Observable<unknown>): ExecMarks => {
  const own = new Set<number>();
  const leaderless = new Set<number>();
  const free = (mark: number): void => {
    for (const marks of [own, leaderless, inUse]) marks.delete(mark);
  };
  const sweep = (): void => {
    const borne = new Set<number | undefined>();
    visitProcesses(cgroup(), (pid) => borne.add(markOf(pid)));
    for (const mark of leaderless) if (!borne.has(mark)) free(mark);
  };
  let threshold = most;
  gone$.subscribe(() => own.forEach(free));
  return {
    next: () => {
      if (!isMainThread) return undefined;
      const mark = nextMark(inUse);
      inUse.add(mark);
      own.add(mark);
      return mark;
    },
    ended: (mark) => {
      if (mark === undefined || !own.has(mark)) return;
      leaderless.add(mark);
      if (leaderless.size < threshold) return;
      sweep();
      threshold = leaderless.size + most;
    },
    has: (mark) => own.has(mark),
  };
};
