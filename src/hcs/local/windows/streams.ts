/**
 * What connects a process of this Windows with its caller: handles for the one, sources and sinks for the other.
 *
 * The invariant of whoever makes one: every handle opened for it is closed once, by `started` or by `close`.
 */
import type { ConsoleSize, ProcessStdio } from '../../contract/compute-process.js';
import type { Connected } from './create-process.js';

export interface Streams {
  /** For the process. Valid until `started`. */
  readonly child: Connected;
  /** For the caller. */
  readonly stdio: ProcessStdio;
  /** The process has what is its own, or never will: lets go of it here. */
  started(): void;
  /** The process has ended. */
  ended(): void;
  closeStdin(): void;
  closeStdout(): void;
  closeStderr(): void;
  /** Undefined where there is no console. */
  readonly resize?: (size: ConsoleSize) => void;
  /** Closes what is the caller's. May be called more than once, as all of these. */
  close(): void;
}
