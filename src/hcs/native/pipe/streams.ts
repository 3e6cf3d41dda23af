/**
 * The streams between a process and its caller: descriptors for the process, sources and sinks for the caller.
 *
 * The invariant of an implementation: every descriptor opened for the process is closed once, by `started` or by
 * `close`, even if a call in between fails.
 */
import type { ConsoleSize, ProcessStdio } from '../../contract/compute-process.js';
import type { ChildStdio } from '../process/launched.js';

/** The caller's side. Everything may be called more than once. */
export interface CallerStreams {
  readonly stdio: ProcessStdio;
  closeStdin(): void;
  closeStdout(): void;
  closeStderr(): void;
  /** `undefined` without a terminal. */
  readonly resize?: (size: ConsoleSize) => void;
  /** Closes the caller's side. */
  close(): void;
}

export interface Streams extends CallerStreams {
  /** For the process. Valid until `started`. */
  readonly child: ChildStdio;
  /** Call it when the process has been started, or cannot be: closes what only the process needed. */
  started(): void;
}

/** The streams of a process that has none. */
export const noStreams: CallerStreams = {
  stdio: {},
  closeStdin: () => undefined,
  closeStdout: () => undefined,
  closeStderr: () => undefined,
  close: () => undefined,
};
