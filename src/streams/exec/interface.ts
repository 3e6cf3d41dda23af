/**
 * The interface of every exec, with a process or, for a sandbox, without one.
 */
import type { InteropObservable, Observable } from 'rxjs';
import type { ConsoleSize } from '../../hcs/contract/compute-process.js';
import type { OutputGap } from '../../hcs/contract/output-gap.js';
import type { Command, CommandOptions } from '../../operators/command.js';
import type { TaskEvent } from '../events.js';
import type { OutputStream } from '../stdio/output-stream.js';
import type { IoError } from '../stdio/relay/io-error.js';
import type { CallerInput, CallerOutput, OutputName } from '../stdio/upstream.js';
import type { StateName } from './state/lifecycle.js';
import type { ExecExit, ExecState } from './state/state.js';
import type { ExecIdentity, ExecStatus } from './status.js';

/** The end of an exec as its waiters get it. */
export type ExecOutcome = ExecExit & {
  /**
   * Output is incomplete: the drain policy timed out, or it was not read and exceeded the buffer for a late reader. The
   * reader gets an error of kind `truncated`.
   */
  readonly truncated: boolean;
  /**
   * Sources and sinks of the caller's that failed, in order: a stdin that could not be read, an output that could not be
   * written or was not taken in time. The process saw the end of its pipe, and may have exited with 0 all the same.
   */
  readonly ioErrors: readonly IoError[];
  /**
   * The outputs asked for as `'pipe'` that hold bytes and had no reader until the release. They can still be read.
   * Absent when there are none.
   */
  readonly unread?: readonly OutputName[];
  /** Output that could not be read, because the exec was adopted. Absent when nothing is missing. */
  readonly gaps?: readonly OutputGap[];
};

/**
 * Which processes get a signal: `tree`, the process of the exec with all its descendants; or `leader`, that process
 * alone. Systemd calls them `KillMode=control-group` and `mixed`. An engine that does not know what a
 * process has started (see docs/process-trees.md) signals the leader either way.
 */
export type KillMode = 'tree' | 'leader';

/** Whether a signal is for the process alone or for its tree. */
export interface KillModeOptions {
  readonly killMode?: KillMode;
}

/** How an exec is stopped: the signal, the grace period, and the processes that get the signal. */
export interface StopOptions {
  /**
   * The signal to send. Default: the system's own way to stop (SIGTERM, CtrlShutdown). 0 sends nothing and only waits
   * for the grace period: the process was asked another way, for example by the keys of a terminal.
   */
  readonly signal?: number | string;
  /**
   * Whether the signal has reached the processes another way, if that is known only later: with `true` it is not sent.
   * Emits once. The grace begins at once.
   */
  readonly reached$?: Observable<boolean>;
  /** The grace period: how long the processes may take to end, in milliseconds. Default 10000. */
  readonly grace?: number;
  /**
   * Default `tree`: all processes get the signal and the grace period, and those that are left then are killed. With
   * `leader` only the process of the exec gets both, and the others are killed as soon as it has ended.
   */
  readonly killMode?: KillMode;
}

/** How a stopped exec has ended: by `itself`, by `signal` or by `kill`, with its exit status. */
export type StopOutcome = ExecOutcome & {
  /** `itself`: it had ended already. `signal`: it ended after the signal. `kill`: it, or its tree, had to be killed. */
  readonly by: 'itself' | 'signal' | 'kill';
};

/**
 * One process of a task.
 *
 * Streams replay: a late subscriber gets what an early one got. None of them errors except `output$`, which is data.
 * Commands are cold: a command does nothing before it is subscribed to or awaited, and each subscription runs it again.
 * Other stream libraries can subscribe to the exec itself (`Symbol.observable`): they get its states.
 *
 * @example
 * exec.exit$.subscribe((exit) => console.log(exit.kind, exit.status));
 * await exec.start();
 * const { status, truncated } = await exec.wait();
 */
export interface Exec extends ExecIdentity, InteropObservable<ExecState> {
  /** The latest state. Never waits for a command in flight. */
  readonly state: StateName;
  /** 0 until the process exists; kept after its exit. */
  readonly pid: number;
  status(): ExecStatus;

  /** The caller's end of each stream that was requested as `pipe`. */
  readonly stdin: CallerInput | undefined;
  readonly stdout: CallerOutput | undefined;
  readonly stderr: CallerOutput | undefined;
  /**
   * The output requested as `'pipe'`: stdout and stderr in the order of their arrival, for any number of subscribers. Use
   * it instead of `stdout` and `stderr`, each of which has one reader. Nothing is read before the first subscriber: the
   * process waits once its pipes are full. Later ones get what comes from then on; when all have left, the rest is dropped.
   *
   * A loop (`for await`) sets the pace, and the slowest one slows the process. Subscribers take a chunk before their
   * `next` returns. Either way one chunk of each stream is in memory. Errors with `truncated` when output was cut, and
   * with `failedPrecondition` when there is none to observe, or it has a reader.
   */
  readonly output$: OutputStream;

  /** The present state and every later one; completes with the release. */
  readonly state$: Observable<ExecState>;
  /** How it ended, as soon as that is known. */
  readonly exit$: Observable<ExecExit>;
  /** Its output was copied, or cut. */
  readonly drained$: Observable<Pick<ExecOutcome, 'truncated' | 'ioErrors'>>;
  /** Everything is closed and the exit is published. This is what `wait` waits for. */
  readonly released$: Observable<ExecOutcome>;
  /** The events that this exec publishes, in order. */
  readonly events$: Observable<TaskEvent>;

  /**
   * Starts it; completes when it runs and the start event is out.
   * @throws RxshimError `failedPrecondition` unless it is created; otherwise the error of the engine or the publisher.
   */
  start(options?: CommandOptions): Command<void>;
  /**
   * Sends a signal. Any signal ends an exec that was never started.
   * @param signal a number, or a name such as `SIGTERM`.
   * @param options `killMode: 'tree'` sends it to everything that the process has started as well. Default `leader`.
   * @throws RxshimError `notFound` when it has exited or the signal was not delivered, `failedPrecondition` for a
   * signal that the system does not take.
   */
  kill(signal: number | string, options?: KillModeOptions & CommandOptions): Command<void>;
  /**
   * Resizes the terminal. Sizes are cut to 16 bits; nothing happens unless it is running.
   * @throws RxshimError `failedPrecondition` without a terminal.
   */
  resizePty(size: ConsoleSize, options?: CommandOptions): Command<void>;
  /** No more input will come. Never waits for other commands. */
  closeIo(options?: CommandOptions): Command<void>;
  /**
   * Waits for the release. From then on an output requested as `'pipe'` without a reader does not block the process: 16
   * MiB of it are kept for a late reader, more is dropped. The outcome names it in `unread`.
   */
  wait(options?: CommandOptions): Command<ExecOutcome>;
  /**
   * Kills the process with all its descendants. The process reports its own status; if it does not do so in time, the
   * exec ends with `status`, marked `forced`. An exec that never ran exits with `status`.
   */
  forceExit(status: number, options?: CommandOptions): Command<void>;
  /**
   * Asks the process and all its descendants to end, and kills those that do not. Waits for the release; the outcome says
   * what it took. Also ends descendants of an exec that has ended by itself.
   */
  stop(options?: StopOptions & CommandOptions): Command<StopOutcome>;
  /** Leaving the scope ends it, without grace. */
  [Symbol.asyncDispose](): Promise<void>;
}
