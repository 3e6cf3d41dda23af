/**
 * The tree of an exec: its process, what descends from that, and what bears its mark in the container's control group.
 *
 * The runtime hands the mark on to the process that it starts, and that to all that it starts in turn, orphans included,
 * which the container's init takes in. It is looked for only when the tree is asked for.
 */
import type { ProcessTree } from '../compute-process.js';
import type { Launched } from '../native/launched.js';
import { markOf } from '../native/mark.js';
import type { Members } from '../native/members.js';
import { childrenOf } from '../native/proc.js';
import { processTree } from '../native/process-tree.js';
import { processesIn } from './cgroup/processes.js';
import type { Container } from './container.js';
import { running } from './running.js';

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
      const leader = living ? withDescendants(pid) : [];
      return running(new Set([...leader, ...markedIn(container, mark)]));
    },
    get living() {
      return living ? [pid] : [];
    },
  };
  return processTree(members);
};

const withDescendants = (pid: number): readonly number[] => {
  // An array is walked to the end that it has by then.
  const walked = [pid];
  for (const parent of walked) walked.push(...childrenOf(parent).filter((child) => !walked.includes(child)));
  return walked;
};

const markedIn = ({ cgroup, marks }: Container, mark: number | undefined): readonly number[] => {
  if (cgroup === undefined || mark === undefined || !marks.has(mark)) return [];
  return processesIn(cgroup).filter((pid) => markOf(pid) === mark);
};
