/**
 * The tree of an init: every process of its container, by the container's control group.
 *
 * With a namespace of its own for process ids the kernel ends the rest together with the init. In a shared one the
 * others have their grace until then.
 */
import type { ComputeProcess, ProcessTree } from '../../contract/compute-process.js';
import type { Members } from '../../native/process/members.js';
import { type ProcessEntry, processEntry } from '../../native/process/proc.js';
import { processTree } from '../../native/process/tree.js';
import { runningIn } from '../cgroup/processes.js';
import type { Container } from '../container-state.js';
import { endInit } from '../end-container.js';

/** @param init is signalled alone as long as it is held: nothing else runs then. */
export const initTree = (container: Container, init: Pick<ComputeProcess, 'signal'>): ProcessTree => {
  const members: Members = {
    list: () => runningOf(container),
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

const runningOf = (container: Container): readonly ProcessEntry[] => {
  const { cgroup } = container;
  let isShared = cgroup === undefined;
  const inside = runningIn(cgroup, (pid) => {
    isShared ||= pid === process.pid;
    return !isShared;
  });
  // A runtime without the right to make groups leaves its containers in that of this program, with what else is there.
  return isShared ? livingInit(container).flatMap((pid) => processEntry(pid) ?? []) : inside;
};

const livingInit = ({ life }: Container): readonly number[] => {
  const init = life.init();
  return init === undefined || life.initEnded() ? [] : [init.pid];
};
