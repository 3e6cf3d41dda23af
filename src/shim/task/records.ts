/** The records of a daemon's containers that it writes for its successor, and that the successor reads. */
import type { State as ExecState } from '../../streams/exec/state/state.js';
import type { TaskRecorder } from '../../streams/task/ports.js';
import type { State as TaskState } from '../../streams/task/state/state.js';
import type { CreateTaskRequest, ExecProcessRequest } from '../messages/index.js';

/** Whether a container is frozen. */
export type Pausing = 'no' | 'pausing' | 'paused';

export interface ShimRecords {
  /** Called before any part of the container is created. */
  creating(request: CreateTaskRequest): TaskRecorder;
  /** The recorder of a container that an earlier daemon has recorded. */
  recorderOf(id: string): TaskRecorder;
  /** Before the exec is made. */
  addingExec(request: ExecProcessRequest): void;
  pausing(id: string, pausing: Pausing): void;
  /** Nothing is left of it. */
  removed(id: string): void;
  /** Those of an earlier daemon, in the order of their making. */
  recorded(): readonly RecordedContainer[];
}

export interface RecordedProcess {
  readonly state: Partial<ExecState>;
  /** Distinguishes its process, if it has one, from others with the same pid. */
  readonly after?: string;
}

export interface RecordedContainer {
  readonly request: CreateTaskRequest;
  /** Absent if its creation had not begun. */
  readonly task?: Partial<TaskState>;
  readonly init?: RecordedProcess;
  readonly execs: ReadonlyMap<string, RecordedProcess & { readonly request: ExecProcessRequest }>;
  readonly pausing: Pausing;
}
