/** The answer of `State`: the status of one process of a container. */
import type { Exec } from '../../streams/exec/interface.js';
import { StateResponse, Status, timestampOf } from '../messages/index.js';
import type { ShimContainer } from './container.js';

export const stateOf = (container: ShimContainer, exec: Exec): StateResponse => {
  const { id, bundle, pid, status, stdin, stdout, stderr, terminal, exitStatus, exitedAt } = exec.status();
  const isInit = exec === container.task.init;
  const ended = status === 'STOPPED';
  return StateResponse.create({
    id,
    bundle,
    pid,
    status: status === 'RUNNING' ? running(container, isInit) : Status[status],
    stdin,
    stdout,
    stderr,
    terminal,
    exitStatus: ended ? exitStatus : 0,
    exitedAt: timestampOf(ended ? exitedAt : undefined),
    execId: isInit ? '' : exec.id,
  });
};

/** An exec is as paused as its container. */
const running = ({ pausing }: ShimContainer, isInit: boolean): Status => {
  if (pausing === 'no') return Status.RUNNING;
  return pausing === 'pausing' && isInit ? Status.PAUSING : Status.PAUSED;
};
