/**
 * The process tree of an exec: its process, the descendants, and every process in the container's cgroup that carries
 * its mark.
 *
 * A child inherits the mark, so orphans that the container's init has adopted are found as well. The cgroup is read
 * only when the tree is asked for.
 */
import type { ProcessTree } from '../../contract/compute-process.js';
import { markOf } from '../../native/process/descendants/mark.js';
import type { Members } from '../../native/process/descendants/members.js';
import { processTree } from '../../native/process/descendants/tree.js';
import type { Launched } from '../../native/process/launched.js';
import { childrenOf, type ProcessEntry, processEntry } from '../../native/process/proc.js';
import { runningIn } from '../cgroup/processes.js';
import type { ContainerState } from '../container-state.js';

/** @param mark that the exec was started with, if any. */
export const execTree = (
  container: ContainerState,
  { pid, exit$ }: Launched,
  mark: number | undefined,
): ProcessTree => {
  let living = true;
  exit$.subscribe(() => {
    living = false;
  });
  const members: Members = {
    list: () => {
      const descendants = living ? withDescendants(pid) : new Map<number, ProcessEntry>();
      const orphans = orphansIn(container, mark).filter((orphan) => !descendants.has(orphan.pid));
      return [...descendants.values(), ...orphans];
    },
    get living() {
      return living ? [pid] : [];
    },
  };
  return processTree(members);
};

const withDescendants = (pid: number): ReadonlyMap<number, ProcessEntry> => {
  const found = new Map<number, ProcessEntry>();
  // Iterating a set includes entries added during the iteration.
  const walked = new Set([pid]);
  for (const parent of walked) {
    for (const child of childrenOf(parent)) walked.add(child);
    const entry = processEntry(parent);
    if (entry?.ended === false) found.set(parent, entry);
  }
  return found;
};

/** Processes that carry the mark. Some of them may be descendants too. */
const orphansIn = ({ cgroup, marks }: ContainerState, mark: number | undefined): readonly ProcessEntry[] =>
  mark !== undefined && marks.has(mark) ? runningIn(cgroup, (pid) => markOf(pid) === mark) : [];
