/**
 * The interface of a run: its options, its events, and its result.
 */
import type { SchedulerLike } from 'rxjs';
import type { ComputeSystem } from '../hcs/contract/compute-system.js';
import type { StopOptions, StopOutcome } from '../streams/exec/interface.js';
import type { ExecExit } from '../streams/exec/state/state.js';
import type { Policies } from '../streams/policies.js';
import type { OutputChunk } from '../streams/stdio/output-stream.js';
import type { IoError } from '../streams/stdio/relay/io-error.js';
import type {
  Input,
  InputRequest,
  OutputRequest,
  StdioRequest,
  StreamName,
} from '../streams/stdio/upstream/stdio-request.js';
import type { Task } from '../streams/task/interface.js';

/** Where a command runs: in a task that runs, or in a system of its own. */
export type RunTarget = ComputeSystem | Task;

/** Environment variables by name; `undefined` removes one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A word, a path or a URI, as for a task; there is no `'stdout'` except for stderr. */
export type RunStreamName = Exclude<StreamName, 'stdout'>;

/** Where the input of a command comes from. A run has no stdin to write to: `input` of its options is read instead. */
export type RunInput = Exclude<RunStreamName, 'pipe'> | Exclude<InputRequest, string>;

/** Where an output of a command goes. */
export type RunOutput = RunStreamName | Exclude<OutputRequest, string>;

/** Options of `run`. */
export interface RunOptions {
  /** The name of its task, or of its exec in the task. Default: one that no other has. */
  readonly id?: string;
  /** All of its input. Default: none (`/dev/null`). */
  readonly input?: string | Uint8Array | Exclude<Input, string>;
  /**
   * Added to the default environment of its processes: that of this program with `local()`, that of the container
   * elsewhere. Values appear in no log, error or trace.
   */
  readonly env?: Environment;
  readonly cwd?: string;
  /** A name, a number, `'uid:gid'`, or numbers. */
  readonly user?: string | number | { readonly uid: number; readonly gid?: number };
  /** For stdio that `input` cannot express. Default: no input, and both outputs `'pipe'`, which the result holds. */
  readonly stdio?: Pick<StdioRequest, 'terminal' | 'whenReaderLeaves'> & {
    readonly stdin?: RunInput;
    readonly stdout?: RunOutput;
    readonly stderr?: RunOutput | 'stdout';
  };
  /** Both outputs through one pipe, in the order in which they were written: the result has them as `all`. */
  readonly all?: boolean;
  /** The form of the output in the result. Default `text`: UTF-8, without a newline at its end. */
  readonly encoding?: 'text' | 'bytes';
  /** How many bytes of each output are kept. A command that writes more is stopped, and has failed. Default 64 MiB. */
  readonly maxOutput?: number;
  /** `false` keeps none, and so limits none: for a service whose output is observed, or ignored. Default `true`. */
  readonly keepOutput?: boolean;
  /** Milliseconds from its start after which it is stopped, and has failed. Default: none. */
  readonly timeout?: number;
  /** Stops it. */
  readonly abortSignal?: AbortSignal;
  /** How it is stopped: by timeout, abort, or unsubscription. Default: as `exec.stop()` does. */
  readonly stop?: StopOptions;
  /** Whether a command that failed is an error (`RunError`). With `false` it is a result like any other. Default `true`. */
  readonly reject?: boolean;
  readonly policies?: Partial<Policies>;
  /** Where its time comes from. Default: the asyncScheduler. */
  readonly scheduler?: SchedulerLike;
}

/** Why a command was stopped before it had ended by itself. `unhealthy`: by `supervise`. */
export type RunStopReason = 'timeout' | 'aborted' | 'maxOutput' | 'unsubscribed' | 'unhealthy';

/** How a command ended: what awaiting it gives, and the last that it emits. */
export interface RunResult<T = string> {
  readonly kind: 'result';
  readonly argv: readonly string[];
  /** 0 if there was no process. */
  readonly pid: number;
  /** As a shell reports it: 127 and 126 for what cannot be run, 128 + n for a signal. */
  readonly status: number;
  readonly exit: ExecExit;
  /** Empty where it went elsewhere. */
  readonly stdout: T;
  readonly stderr: T;
  /** Only with the option `all`, and then in place of the two. */
  readonly all: T | undefined;
  /** False only if it ended by itself with status 0, and all of its input and output is complete. */
  readonly failed: boolean;
  readonly stopped: { readonly reason: RunStopReason; readonly by: StopOutcome['by'] } | undefined;
  /** Output is incomplete: a process that the command started held it open, or it was more than `maxOutput`. */
  readonly truncated: boolean;
  /** Sources and sinks of the caller's that failed. */
  readonly ioErrors: readonly IoError[];
  /** Milliseconds from the start until nothing of it was left. */
  readonly duration: number;
}

/**
 * The events of a run. `started` comes first, and is missing if it could not be started; `result` comes last. `exited`
 * comes at once: output that was written before may follow it.
 */
export type RunEvent<T = string> =
  | { readonly kind: 'started'; readonly pid: number }
  | ({ readonly kind: 'output' } & OutputChunk)
  | { readonly kind: 'exited'; readonly exit: ExecExit }
  | RunResult<T>;
