/**
 * A process inside a compute system, as an engine offers it: facts as Observables, acts as cold Observables.
 *
 * The exec stream assumes as little of an engine as it can: an act may throw, fail, answer twice or never answer, and
 * `exit$` may fail or end without a value; each costs that act or says "unknown", never the exec's own guarantees.
 */
import type { Observable } from 'rxjs';
import type { SignalOptions } from '../signals/options.js';
import type { ByteSink, ByteSource } from './bytes.js';

/**
 * Something asked of an engine. Nothing happens before it is subscribed to; it completes when done and errors when it
 * failed. Values are ignored. Unsubscribing ends the interest in the answer, not what was asked.
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

/** How a process ended: with a code, by a signal (code 128 + n), or in a way that nobody can tell. */
export type ProcessExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: number; readonly code: number }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Width and height in character cells, 0 to 65535. */
export interface ConsoleSize {
  readonly width: number;
  readonly height: number;
}

/** The streams that exist between caller and process. One handed over as a descriptor, or not asked for, is absent. */
export interface ProcessStdio {
  readonly stdin?: ByteSink;
  readonly stdout?: ByteSource;
  readonly stderr?: ByteSource;
}

/**
 * A process with everything that it started, directly or not. The tree of a system's first process is the whole system,
 * the processes beside the first included, as everything in it ends with the first.
 */
export interface ProcessTree {
  /** Signals every process of the tree, also when the process itself has ended. `notDelivered`: none runs. */
  signal(options: SignalOptions): Observable<Delivery>;
  /** Ends every process of the tree without asking. Completes when that is under way. */
  kill(): Observable<Delivery>;
  /**
   * Emits and completes when no process of the tree runs. As long as it is subscribed to, the engine leaves those alone
   * that outlive the first process of a system: they have until then to end by themselves.
   */
  readonly gone$: Observable<unknown>;
}

export interface ComputeProcess {
  readonly pid: number;
  readonly stdio: ProcessStdio;
  /** Emits once and completes; the same for every subscriber, however late. */
  readonly exit$: Observable<ProcessExit>;
  signal(options: SignalOptions): Observable<Delivery>;
  /** Ends the process without asking it. Completes when that is under way, not when the process is gone. */
  kill(): Observable<Delivery>;
  resizeConsole(size: ConsoleSize): Act;
  /** Tells the process that its input has ended. */
  closeStdin(): Act;
  /** No more output is wanted; a pending read ends. */
  closeStdout(): Act;
  closeStderr(): Act;
  /** Absent where the engine cannot tell which processes belong to it. Usable after the exit and after `close`. */
  readonly tree?: ProcessTree;
  /** Releases handle and streams; pending reads end. Does not end the process. May be called more than once. */
  close(): Act;
}
