/**
 * The options of an exec: its identity, the system that it runs in, and its ports.
 */
import type { Context, Tracer } from '@opentelemetry/api';
import type { SchedulerLike } from 'rxjs';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import type { Logger } from '../log.js';
import type { Policies } from '../policies.js';
import type { Publish } from '../publisher.js';
import type { StartRelay } from '../stdio/relay/relay-port.js';
import type { UpstreamIo } from '../stdio/upstream.js';
import type { State } from './state/state.js';
import type { ExecIdentity } from './status.js';

/** The options that all execs of a task share. */
export interface ExecPorts {
  readonly system: ComputeSystem;
  readonly publish: Publish;
  readonly policies?: Partial<Policies>;
  /** Where time comes from; a TestScheduler makes a whole life run in virtual time. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
  /** How stdio is copied. Default: by pull, with bounded memory. */
  readonly startRelay?: StartRelay;
  readonly log?: Logger;
  /** Default: the tracer `rxshim` of the OpenTelemetry API, which does nothing until a program starts an SDK. */
  readonly tracer?: Tracer;
  /** The parent of its spans. Default: the context that is active when the exec is made. */
  readonly context?: Context;
}

/** Is called with each state before anything is done about it, so that the exec can be restored from it. */
export interface ExecRecorder {
  /** @param execId is empty for the init. */
  recordExec(execId: string, state: State): void;
}

export interface ExecOptions extends ExecIdentity, ExecPorts {
  /** The process to run. Not needed for an init whose container document describes it. */
  readonly spec?: ProcessSpec;
  /** The process itself, where the system has made it before it is started. Closed by the exec. */
  readonly process?: ComputeProcess;
  /** Open already; closed by the exec. */
  readonly upstream: UpstreamIo;
  /** @internal */
  readonly recorder?: ExecRecorder;
}
