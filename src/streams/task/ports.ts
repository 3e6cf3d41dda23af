/**
 * The ports that the effects and commands of a task use. Decisions depend only on the state, never on these.
 *
 * `handles` holds what a state cannot: the open upstream, the process, the execs.
 */
import type { SchedulerLike, Subject } from 'rxjs';
import type { Act, ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { settledWithin } from '../../operators/settled-within.js';
import type { EventSink } from '../event-outbox.js';
import type { Exec } from '../exec/interface.js';
import type { ExecPorts, ExecRecorder } from '../exec/options.js';
import { type Logger, logFailure } from '../log.js';
import type { Policies } from '../policies.js';
import type { StdioRequest } from '../stdio/upstream/stdio-request.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { TaskOptions } from './interface.js';
import type { State } from './state/state.js';
import type { Tracing } from './trace.js';

export interface Handles {
  /** The upstream of the init. */
  upstream: UpstreamIo | undefined;
  /** The process of the init, if the system creates it before its start. */
  process: ComputeProcess | undefined;
  init: Exec | undefined;
  /** The execs beside the init, in the order in which they were added. */
  readonly execs: Map<string, Exec>;
  readonly added$: Subject<Exec>;
  /** How many deletions were requested. */
  requests: number;
}

/** Is called with each state before anything is done about it, so that the task can be restored from it. */
export interface TaskRecorder extends ExecRecorder {
  recordTask(state: State): void;
  forgetExec(execId: string): void;
}

export interface Ports {
  readonly options: TaskOptions & { readonly stdio: StdioRequest };
  readonly system: ComputeSystem;
  readonly policies: Policies;
  readonly scheduler: SchedulerLike;
  readonly log: Logger | undefined;
  readonly events: EventSink;
  /** Whether an exec may have the id of the task. */
  readonly idsAreSeparate: boolean;
  /** The options that all execs of the task share. */
  readonly execPorts: ExecPorts & { readonly recorder?: TaskRecorder };
  readonly tracing: Tracing;
  readonly handles: Handles;
}

/** Stores the handles that an effect has obtained. No decision depends on them: a fact says that they exist. */
export const hold = ({ handles }: Ports, got: Partial<Handles>): void => void Object.assign(handles, got);

/** The init of a task in a phase that has one. */
export const initOf = ({ handles: { init } }: Ports): Exec => {
  if (init === undefined) throw new Error('a task without an init reached what needs one');
  return init;
};

export const upstreamOf = ({ handles: { upstream } }: Ports): UpstreamIo => {
  if (upstream === undefined) throw new Error('a task without an upstream reached what needs one');
  return upstream;
};

/** The deadline for a container, or for its execs, to end. */
export const endDeadline = ({ scheduler, policies }: Ports): number => scheduler.now() + policies.endTimeout;

/** Waits for an act within a timeout of the policies. Always completes; a failure is logged. */
export const step = (
  { policies, scheduler, log }: Ports,
  act: () => Act,
  timeout: 'closeTimeout' | 'publishTimeout',
  failing: string,
): ReturnType<typeof settledWithin> =>
  settledWithin(act, policies[timeout], scheduler, (failure) => logFailure(log, failure, failing));
