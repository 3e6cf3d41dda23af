/**
 * What a caller may ask an exec's stdio to be connected to. Reading and opening it is left to `openUpstream`.
 *
 * Strings mean what they mean to containerd (empty, a path, a URI), with three words besides that no path or URI can
 * be. Whatever is given as an object or a number stays the caller's to close.
 */
import type { ByteSink, ByteSource } from '../../../hcs/bytes.js';

/**
 * A word, a path or a URI:
 *
 * - `''` and `'ignore'`: not connected. The process reads nothing, and its output goes nowhere.
 * - `'inherit'`: this program's own stream of the same name.
 * - `'pipe'`: the caller reads or writes it, through `caller` of the upstream.
 * - an absolute path: a named pipe, or a plain file, which is appended to.
 * - `file:///path`: a file to append to, created (0644) with its directories (0755). Given for stdout, stderr goes
 *   there too, unless it is a word or an object.
 * - `binary:///path?key=value`, for stdout: a logging program that gets stdout and stderr.
 */
export type StreamName = 'ignore' | 'inherit' | 'pipe' | (string & {});

/** An open descriptor of the caller, who closes it. */
export interface GivenDescriptor {
  readonly fd: number;
}

/** Text is sent as UTF-8. */
export type InputRequest =
  | StreamName
  | ByteSource
  | AsyncIterable<Uint8Array | string>
  | GivenDescriptor
  | undefined;

export type OutputRequest = StreamName | ByteSink | GivenDescriptor | undefined;

export interface StdioRequest {
  readonly stdin?: InputRequest;
  readonly stdout?: OutputRequest;
  /** Must be absent, empty or `'ignore'` with a terminal. */
  readonly stderr?: OutputRequest;
  /** Whether the process has a terminal: then everything comes on stdout. */
  readonly terminal?: boolean;
}

/** Whose stdio it is; a logging program is told so. */
export interface UpstreamIdentity {
  readonly containerId: string;
  /** Default: `default`, as in containerd. */
  readonly namespace?: string;
}
