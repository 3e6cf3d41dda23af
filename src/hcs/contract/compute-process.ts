/**
 * A process inside a compute system: the interface that an engine implements. Facts are Observables, acts are cold
 * Observables.
 *
 * The exec stream assumes as little of an engine as it can. An act may throw, fail, answer twice or never answer, and
 * `exit$` may fail or complete without a value. Each affects that act only, or makes the exit unknown; the guarantees
 * of the exec hold.
 */
import type { Observable } from 'rxjs';
import type { SignalOptions } from '../signals/options.js';
import type { ByteSink, ByteSource } from './bytes.js';
import type { OutputGap } from './output-gap.js';

/**
 * A request to an engine. Nothing happens before it is subscribed to; it completes when done and errors on failure.
 * Values are ignored. An unsubscribe drops the answer and does not cancel the request.
 */
export type Act = Observable<unknown>;

/**
 * The answer to a signal or a kill. An engine interprets the codes of its service and of its kernel itself: what is above
 * sees these answers, and an error only if the request failed.
 *
 * - `delivered`: the process was found and signalled.
 * - `alreadyStopped`: the process has exited or is exiting. A kill has then what it wants.
 * - `notDelivered`: no such process was found.
 */
export type Delivery = 'delivered' | 'alreadyStopped' | 'notDelivered';

/** How a process ended: with an exit code, by a signal (code 128 + n), or in an unknown way. */
export type ProcessExit = (
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: number; readonly code: number }
  | { readonly kind: 'unknown'; readonly reason: string }
) & {
  /** When it ended, in milliseconds since the epoch. Absent: at the time of the report. */
  readonly at?: number;
};

/** Width and height in character cells, 0 to 65535. */
export interface ConsoleSize {
  readonly width: number;
  readonly height: number;
}

/** The streams between caller and process. A stream that was passed as a descriptor, or not requested, is absent. */
export interface ProcessStdio {
  readonly stdin?: ByteSink;
  readonly stdout?: ByteSource;
  readonly stderr?: ByteSource;
}

/**
 * A process with all its descendants. The tree of a system's first process is the whole system, including its execs,
 * because everything in it ends with the first process.
 */
export interface ProcessTree {
  /** Signals every process of the tree, even after the process itself has exited. `notDelivered`: none is running. */
  signal(options: SignalOptions): Observable<Delivery>;
  /** Kills every process of the tree. Completes when that is in progress. */
  kill(): Observable<Delivery>;
  /**
   * Emits and completes when no process of the tree is running. While it is subscribed to, the engine does not kill
   * processes that outlive the first process of a system: they have a grace period to end by themselves.
   */
  readonly gone$: Observable<unknown>;
}

/** A process of a compute system, as an engine offers it. */
export interface ComputeProcess {
  readonly pid: number;
  readonly stdio: ProcessStdio;
  /** Emits once, also to late subscribers, and completes. */
  readonly exit$: Observable<ProcessExit>;
  signal(options: SignalOptions): Observable<Delivery>;
  /** Kills the process. Completes when that is in progress, not when the process has exited. */
  kill(): Observable<Delivery>;
  resizeConsole(size: ConsoleSize): Act;
  /** Closes the process's stdin. */
  closeStdin(): Act;
  /** Stops reading the output; a pending read ends. */
  closeStdout(): Act;
  closeStderr(): Act;
  /** Absent if the engine does not know which processes belong to it. Usable after the exit and after `close`. */
  readonly tree?: ProcessTree;
  /** Output of an adopted process that cannot be read. May grow until the output has ended. Absent: nothing is missing. */
  readonly gaps?: readonly OutputGap[];
  /**
   * Releases the handle and the streams; pending reads end. Does not end the process. May be called more than once.
   */
  close(): Act;
}
