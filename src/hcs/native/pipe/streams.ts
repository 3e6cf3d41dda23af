/**
 * What connects a process with its caller: descriptors for the one, sources and sinks for the other.
 *
 * The invariant of whoever makes one: every descriptor opened for it is closed once, by `started` or by `close`,
 * whatever happens between.
 */
import type { ConsoleSize, ProcessStdio } from '../../contract/compute-process.js';
import type { ChildStdio } from '../process/launched.js';

/** The caller's side. Everything may be called more than once. */
export interface CallerStreams {
  readonly stdio: ProcessStdio;
  closeStdin(): void;
  closeStdout(): void;
  closeStderr(): void;
  /** Undefined where there is no terminal. */
  readonly resize?: (size: ConsoleSize) => void;
  /** Closes what is the caller's. */
  close(): void;
}

export interface Streams extends CallerStreams {
  /** For the process. Valid until `started`. */
  readonly child: ChildStdio;
  /** The process has what is its own, or never will: lets go of it here. */
  started(): void;
}
