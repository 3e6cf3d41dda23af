/**
 * The interface of a task: a container with its first process, the init, and further execs.
 */
import type { Observable } from 'rxjs';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import type { ProcessSpec } from '../../hcs/contract/process-spec.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import type { TaskEvent } from '../events.js';
import type { Exec, ExecOutcome, KillModeOptions, StopOptions, StopOutcome } from '../exec/interface.js';
import type { ExecPorts } from '../exec/options.js';
import type { Publish } from '../publisher.js';
import type { StdioRequest } from '../stdio/upstream/stdio-request.js';

/** Options of `createTask`. */
export interface TaskOptions extends Omit<ExecPorts, 'publish'> {
  readonly id: string;
  /** Not yet started. The task starts, shuts down and closes it. */
  readonly system: ComputeSystem;
  /** The path of the container's bundle, as in status and events. */
  readonly bundle?: string;
  /**
   * The init process. Not needed where the container's own document describes it. With `local()` an init without a
   * description only waits until it is stopped, so that other execs can run.
   */
  readonly spec?: ProcessSpec;
  readonly stdio?: StdioRequest;
  /** Where events go besides `events$`: an act for each. Default: nowhere else. */
  readonly publish?: Publish;
  /** The namespace passed to loggers. */
  readonly namespace?: string;
}

/** Options of `createExec`. */
export interface ExecRequest {
  readonly id: string;
  readonly spec: ProcessSpec;
  readonly stdio?: StdioRequest;
  /** When its stdio is opened. Default: when it is made, so that its caller has the streams that are `'pipe'`. */
  readonly openStdio?: 'create' | 'start';
}

/** A process of the container, with the exec that it belongs to, if it is the process of one. */
export interface ProcessInfo {
  readonly pid: number;
  readonly execId: string | undefined;
}

/** The answer to the deletion of an exec. */
export interface DeletedExec {
  readonly pid: number;
  readonly exitStatus: number;
  readonly exitedAt: Date | undefined;
}

/** Options of `task.kill`. */
export interface KillOptions extends KillModeOptions, CommandOptions {
  /** Which exec; empty for the init. */
  readonly execId?: string;
  /** Every exec and then the init, each alone. Not together with a `killMode` of `tree`: that of the init reaches all. */
  readonly all?: boolean;
  /**
   * How an exec, other than the init, that was never started is handled: any signal ends it (`discard`, the default), or
   * the kill fails with `failedPrecondition` (`refuse`, as containerd's clients expect).
   */
  readonly unstarted?: 'discard' | 'refuse';
}

/**
 * A container with its init and its execs. Streams replay and never error, commands are cold: as with an exec.
 *
 * @example
 * const task = await createTask({ id: 'web', system: local(), spec: { args: ['sleep', '60'] } });
 * await task.init.start();
 * const { by, status } = await task.stop({ grace: 2_000 });
 */
export interface Task {
  readonly id: string;
  readonly bundle: string;
  readonly system: ComputeSystem;
  readonly init: Exec;
  /** The execs other than the init, in the order of their creation. */
  readonly execs: readonly Exec[];
  /** The init, the other execs that are there, and each later one. */
  readonly execs$: Observable<Exec>;
  /**
   * The events of the whole task, in the order in which they went out. Completes after the delete. A late subscriber gets
   * all of what the task still has, and the last 1024 of the execs that were deleted.
   */
  readonly events$: Observable<TaskEvent>;
  /** The end of the task: init released, container ended, its exit published. */
  readonly closed$: Observable<ExecOutcome>;

  /** An exec by id; the init for an empty one. @throws RxshimError `notFound`. */
  exec(id: string): Exec;
  /**
   * Makes a further exec, not yet started.
   * @throws RxshimError `alreadyExists` for an id in use, `failedPrecondition` unless the init is running.
   */
  createExec(request: ExecRequest, options?: CommandOptions): Command<Exec>;
  /**
   * Forgets an exec that has ended or never ran, or, without an id, the whole task.
   * @throws RxshimError `failedPrecondition` while it is running.
   */
  delete(execId?: string, options?: CommandOptions): Command<DeletedExec>;
  /**
   * Sends a signal. An init that has not ended within `endTimeout` of a SIGKILL is ended with its container.
   * @throws RxshimError `notFound` if the process has ended.
   */
  kill(signal: number | string, options?: KillOptions): Command<void>;
  pids(options?: CommandOptions): Command<readonly ProcessInfo[]>;
  /** Waits for `closed$`. */
  wait(options?: CommandOptions): Command<ExecOutcome>;
  /** Stops the init gracefully with its tree, which is all of the container, and then the container. */
  stop(options?: StopOptions & CommandOptions): Command<StopOutcome>;
  /** Leaving the scope ends and deletes it, without grace. */
  [Symbol.asyncDispose](): Promise<void>;
}
