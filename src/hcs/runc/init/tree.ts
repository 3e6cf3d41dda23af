/**
 * The process tree of an init: every process in the container's cgroup.
 *
 * In a private pid namespace the kernel kills the other processes together with the init. In a shared one they get a
 * grace period first.
 */
import type { ComputeProcess, ProcessTree } from '../../contract/compute-process.js';
import type { Members } from '../../native/process/descendants/members.js';
import { processTree } from '../../native/process/descendants/tree.js';
import { type ProcessEntry, processEntry } from '../../native/process/proc.js';
import { runningIn } from '../cgroup/processes.js';
import type { ContainerState } from '../container-state.js';
import { endInit } from '../end-container.js';

/** @param init is signalled directly until it is started: nothing else runs before that. */
export const initTree = (container: ContainerState, init: Pick<ComputeProcess, 'signal'>): ProcessTree => {
  const members: Members = {
    list: () => runningProcesses(container),
    get living() {
      return livingInit(container);
    },
  };
  const tree = processTree(members, undefined, container.grace.begin);
  return {
    ...tree,
    signal: (options) =>
      container.phase === 'running' && options.Signal !== 9 ? tree.signal(options) : init.signal(options),
    kill: () => endInit(container),
  };
};

const runningProcesses = (container: ContainerState): readonly ProcessEntry[] => {
  const { cgroup } = container;
  let isShared = cgroup === undefined;
  const inside = runningIn(cgroup, (pid) => {
    isShared ||= pid === process.pid;
    return !isShared;
  });
  // A runtime without permission to create cgroups leaves its containers in the cgroup of this program, which holds
  // other processes too.
  return isShared ? livingInit(container).flatMap((pid) => processEntry(pid) ?? []) : inside;
};

const livingInit = ({ tracker }: ContainerState): readonly number[] => {
  const init = tracker.init();
  return init === undefined || tracker.initEnded() ? [] : [init.pid];
};
