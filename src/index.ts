/**
 * rxshim: runs container processes and exposes their lifecycle as Observables.
 *
 *     engine        a compute system: local(), and one entry point for each of the others
 *     task          createTask(): a container with its init and further execs
 *     exec          state$, exit$, drained$, released$ · start, kill, resizePty, closeIo, wait, forceExit, stop
 *     output        lines(), text(), decode()
 */

// The contract of an engine.
export type * from './hcs/contract/adoption.js';
export type * from './hcs/contract/bytes.js';
export type * from './hcs/contract/compute-process.js';
export type * from './hcs/contract/compute-system.js';
export { exited, signaled, statusOf, unknownExit } from './hcs/contract/exit-code.js';
export type { OutputGap } from './hcs/contract/output-gap.js';
export {
  type Labels,
  type Ownership,
  ownershipLabel,
  ownershipLabels,
  ownershipOf,
} from './hcs/contract/ownership.js';
export { processFromStreams, type StreamProcess } from './hcs/contract/process-from-streams.js';
export type { ProcessParameters } from './hcs/contract/process-parameters.js';
export type { ProcessSpec } from './hcs/contract/process-spec.js';
export type * from './hcs/contract/task-registry.js';
// Errors.
export { type ErrorKind, type InvalidInput, kindOf, RxshimError } from './hcs/failures/errors.js';
export type { HostKernel } from './hcs/signals/host.js';
export { hostSignals } from './hcs/signals/host.js';
export { linuxSignals } from './hcs/signals/linux.js';
export type * from './hcs/signals/options.js';
export { windowsSignals } from './hcs/signals/windows.js';
export type { Command, CommandOptions } from './operators/command.js';
// Runs.
export { type Pipeline, type PipelineEvent, type PipelineResult, pipeline } from './run/pipeline.js';
export { type Run, run } from './run/run.js';
export type { RunErrorDetails } from './run/run-error.js';
export { RunError } from './run/run-error.js';
export type {
  Environment,
  RunEvent,
  RunInput,
  RunOptions,
  RunOutput,
  RunResult,
  RunStopReason,
  RunStreamName,
  RunTarget,
} from './run/run-interface.js';
export { type RunTaskOptions, runTask } from './run/run-task.js';
export type { Stoppable } from './run/stoppable.js';
export { switchRun } from './run/switch-run.js';
export { type EventSink, eventOutbox } from './streams/event-outbox.js';
export type { EventFields } from './streams/events.js';
// Events.
export { type TaskEvent, type TaskEventType, type TaskIo, topics } from './streams/events.js';
export { createExec } from './streams/exec/exec.js';
export type {
  Exec,
  ExecOutcome,
  KillMode,
  KillModeOptions,
  StopOptions,
  StopOutcome,
} from './streams/exec/interface.js';
export type { ExecOptions, ExecPorts } from './streams/exec/options.js';
export { createSandboxExec, type SandboxExecOptions } from './streams/exec/sandbox.js';
export {
  type Edge,
  type EffectName,
  type FactName,
  lifecycle,
  type Phase,
  type StateName,
  stateOf,
} from './streams/exec/state/lifecycle.js';
export type { ExecEnding, ExecExit, ExecState } from './streams/exec/state/state.js';
export type { ExecIdentity, ExecStatus } from './streams/exec/status.js';
export type { Logger } from './streams/log.js';
export { type Message, type Outbox, type OutboxOptions, outbox } from './streams/outbox.js';
// Adoption.
export { type ListTasksOptions, listTasks } from './streams/owned/list-tasks.js';
export { type Reaped, type ReapOptions, reap } from './streams/owned/reap.js';
export type { DrainRest } from './streams/policies.js';
export { type DrainPolicy, defaultPolicies, type Policies } from './streams/policies.js';
export type { Publish } from './streams/publisher.js';
export { type LinesOptions, lines } from './streams/stdio/lines.js';
export { decode, type Output, text } from './streams/stdio/output.js';
export type { OutputChunk, OutputStream } from './streams/stdio/output-stream.js';
export type { IoError } from './streams/stdio/relay/io-error.js';
export type { RelayOptions, RunningRelay, StartRelay } from './streams/stdio/relay/relay-port.js';
export type { UpstreamOptions } from './streams/stdio/upstream/open-upstream.js';
// Stdio.
export { openUpstream } from './streams/stdio/upstream/open-upstream.js';
export type * from './streams/stdio/upstream/stdio-request.js';
export type { CallerInput, CallerOutput, OutputName, Unread, UpstreamIo } from './streams/stdio/upstream.js';
export { type AdoptTaskOptions, adoptTask } from './streams/task/adopt-task.js';
export type {
  DeletedExec,
  ExecRequest,
  KillOptions,
  ProcessInfo,
  Task,
  TaskOptions,
} from './streams/task/interface.js';
// Tasks and execs.
export { createTask } from './streams/task/task.js';
