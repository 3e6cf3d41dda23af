/**
 * What connects a process with its caller: descriptors for the one, sources and sinks for the other.
 *
 * The invariant of whoever makes one: every descriptor opened for it is closed once, by `started` or by `close`,
 * whatever happens between.
 */
import type { ConsoleSize, ProcessStdio } from '../compute-process.js';
import type { ChildStdio } from './launched.js';

export interface Streams {
  /** For the process. Valid until `started`. */
  readonly child: ChildStdio;
  /** For the caller. */
  readonly stdio: ProcessStdio;
  /** The process has what is its own, or never will: lets go of it here. */
  started(): void;
  closeStdin(): void;
  closeStdout(): void;
  closeStderr(): void;
  /** Undefined where there is no terminal. */
  readonly resize?: (size: ConsoleSize) => void;
  /** Closes what is the caller's. May be called more than once, as all of these. */
  close(): void;
}
