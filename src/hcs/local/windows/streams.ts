/**
 * The streams between a process of this Windows host and its caller: handles for the process, sources and sinks for the
 * caller.
 *
 * The invariant of an implementation: every handle opened for the process is closed once, by `started` or by `close`.
 */
import type { ConsoleSize, ProcessStdio } from '../../contract/compute-process.js';
import type { Connected } from './create-process.js';

export interface Streams {
  /** For the process. Valid until `started`. */
  readonly child: Connected;
  /** For the caller. */
  readonly stdio: ProcessStdio;
  /** Call it when the process has been started, or cannot be: closes what only the process needed. */
  started(): void;
  /** Call it when the process has exited. */
  ended(): void;
  closeStdin(): void;
  closeStdout(): void;
  closeStderr(): void;
  /** `undefined` without a console. */
  readonly resize?: (size: ConsoleSize) => void;
  /** Closes the caller's side. All these may be called more than once. */
  close(): void;
}
