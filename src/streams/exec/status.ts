/** The snapshot that containerd's task service answers `State` with. */

import type { UpstreamIo } from '../stdio/upstream.js';
import type { StateName } from './state/lifecycle.js';
import type { ExecState } from './state/state.js';

/** The status of an exec, as containerd asks for it. */
export interface ExecStatus {
  /** The task's id. */
  readonly id: string;
  /** The exec's own id; the task's id for its init. */
  readonly execId: string;
  readonly bundle: string;
  readonly pid: number;
  readonly status: 'CREATED' | 'RUNNING' | 'STOPPED';
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
  /** 255 until it has exited. */
  readonly exitStatus: number;
  readonly exitedAt: Date | undefined;
}

/** The fields that stay the same for the whole life of an exec. */
export interface ExecIdentity {
  readonly taskId: string;
  readonly id: string;
  readonly bundle: string;
  /** @internal Whether it is the init of its task. Default: whether its id is that of the task. */
  readonly isInit?: boolean;
}

export const isInitOf = ({ isInit, id, taskId }: Omit<ExecIdentity, 'bundle'>): boolean =>
  isInit ?? id === taskId;

/** The id by which callers name it within its task: empty for the init, as in containerd's API. */
export const nameInTask = (identity: Omit<ExecIdentity, 'bundle'>): string =>
  isInitOf(identity) ? '' : identity.id;

const statusNames: Record<StateName, ExecStatus['status']> = {
  created: 'CREATED',
  running: 'RUNNING',
  exited: 'STOPPED',
};

const statusUntilExit = 255;

export const statusFrom = (
  { taskId, id, bundle, upstream }: ExecIdentity & { readonly upstream: UpstreamIo },
  state: Pick<ExecState, 'state' | 'pid' | 'exit'>,
): ExecStatus => ({
  id: taskId,
  execId: id,
  bundle,
  pid: state.pid,
  status: statusNames[state.state],
  stdin: upstream.stdinPath,
  stdout: upstream.stdoutPath,
  stderr: upstream.stderrPath,
  terminal: upstream.terminal,
  exitStatus: state.exit?.status ?? statusUntilExit,
  exitedAt: state.exit === undefined ? undefined : new Date(state.exit.at),
});
