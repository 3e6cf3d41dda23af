/**
 * The tree of an exec: its process, what descends from that, and what bears its mark in the container's control group.
 *
 * The runtime hands the mark on to the process that it starts, and that to all that it starts in turn, orphans included,
 * which the container's init takes in. It is looked for only when the tree is asked for.
 */
import type { ProcessTree } from '../../contract/compute-process.js';
import type { Launched } from '../../native/process/launched.js';
import { markOf } from '../../native/process/mark.js';
import type { Members } from '../../native/process/members.js';
import { childrenOf, type ProcessEntry, processEntry } from '../../native/process/proc.js';
import { processTree } from '../../native/process/tree.js';
import { runningIn } from '../cgroup/processes.js';
import type { Container } from '../container-state.js';

/** @param mark that it was started with, if it was. */
export const execTree = (
  container: Container,
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
  // A set is walked to the end that it has by then.
  const walked = new Set([pid]);
  for (const parent of walked) {
    for (const child of childrenOf(parent)) walked.add(child);
    const entry = processEntry(parent);
    if (entry?.ended === false) found.set(parent, entry);
  }
  return found;
};

/** Among others: those that bear the mark. */
const orphansIn = ({ cgroup, marks }: Container, mark: number | undefined): readonly ProcessEntry[] =>
  mark !== undefined && marks.has(mark) ? runningIn(cgroup, (pid) => markOf(pid) === mark) : [];
