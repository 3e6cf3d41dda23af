/**
 * An exec written down and restored: its whole state, which is plain data, apart from its handles.
 *
 * A restored exec goes on where the snapshot was taken. The effects that were in flight are performed again, so its
 * ports have to answer for what is done already: a container that is started, a process that exists, an event that is
 * published, a handle that is closed. Deadlines are wall-clock times and keep running while no program holds the exec.
 */
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import { invalid } from '../../hcs/failures/errors.js';
import { requireId, requireObject, requirePorts, requireUpstream } from '../arguments.js';
import { type Policies, policiesOf } from '../policies.js';
import { startRelay } from './effects/announce.js';
import { portsOf, restored } from './exec.js';
import { wholeState } from './handle.js';
import type { Exec } from './interface.js';
import type { ExecOptions } from './options.js';
import { lifecycle, type Phase } from './state/lifecycle.js';
import { initialState, type State } from './state/state.js';

/** Plain JSON. */
export interface ExecSnapshot {
  /** The version of the format of `state`. */
  readonly version: 1;
  readonly state: Partial<State>;
}

/** The state of an exec at this moment. Undefined fields are left out. */
export const snapshotOf = (exec: Exec): ExecSnapshot =>
  JSON.parse(JSON.stringify({ version: 1, state: wholeState(exec) })) as ExecSnapshot;

/**
 * Makes an exec in the state of a snapshot, and begins the effects that were in flight.
 * @param options as for `createExec`. `process` is the handle of the process, where the snapshot has one.
 * @throws RxshimError `invalidArgument` for a malformed snapshot, or one with a process if the options have none.
 */
export const restoreExec = (options: ExecOptions, snapshot: ExecSnapshot): Exec => {
  requireObject('options', options);
  requireId('taskId', options.taskId);
  requireId('id', options.id);
  requirePorts(options);
  requireUpstream('upstream', options.upstream);
  const state = stateOf(snapshot);
  const needsProcess = state.pid !== 0 && state.phase !== 'released';
  if (needsProcess && options.process?.pid !== state.pid) {
    throw invalid('process', options.process?.pid, `the process ${state.pid} of the snapshot`);
  }
  return execIn(state, options, policiesOf(options.policies));
};

/** An exec in a state, for a task that has checked the options. */
export const execIn = (state: State, options: ExecOptions, policies: Policies): Exec => {
  const ports = portsOf(options, policies);
  // Begins to copy again, where the announcement does not.
  if (copies.has(state.phase)) startRelay(ports);
  return restored(ports, state);
};

/**
 * The state of an exec whose process was started, and its start event published, by a program that recorded nothing
 * else. If the process has ended meanwhile, its report leads on from here.
 */
export const runningState = ({ pid, tree }: ComputeProcess): State => ({
  ...initialState,
  state: 'running',
  phase: 'running',
  via: 'announced',
  pid,
  announced: true,
  prepared: true,
  tree: tree === undefined ? 'none' : 'unawaited',
});

/** The phases in which stdio is being copied. */
const copies = new Set<Phase>(['running', 'aborting', 'draining']);

const stateOf = (snapshot: ExecSnapshot): State => {
  requireObject('snapshot', snapshot);
  const { version, state } = snapshot;
  if (version !== 1) throw invalid('snapshot.version', version, '1');
  if (state?.phase === undefined || !(state.phase in lifecycle))
    throw invalid('snapshot.state.phase', state?.phase, 'a phase of an exec');
  return { ...initialState, ...state };
};
