/**
 * The things that a caller may connect an exec's stdio to. `openUpstream` reads and opens them.
 *
 * Strings mean what they mean to containerd (empty, a path, a URI), with four words besides that no path or URI can
 * be. Whatever is given as an object or a number stays the caller's to close.
 */
import type { ByteSink, ByteSource } from '../../../hcs/contract/bytes.js';

/**
 * A word, a path or a URI where it is written out, so that the types refuse a slip such as `'pip'`; a path that a program has
 * put together goes into `{ path }`.
 *
 * - `''` and `'ignore'`: not connected. The process reads nothing, and its output goes nowhere.
 * - `'inherit'`: this program's own stream of the same name.
 * - `'pipe'`: the caller reads or writes it, through `caller` of the upstream.
 * - `'stdout'`, for stderr: where stdout goes.
 * - an absolute path: a named pipe, or a plain file, which is appended to.
 * - `file:///path`: a file to append to, created (0644) with its directories (0755). Given for stdout, stderr goes
 *   there too, unless it is a word or an object.
 * - `binary:///path?key=value`, for stdout: a logging program that gets stdout and stderr.
 */
export type StreamName =
  | ''
  | 'ignore'
  | 'inherit'
  | 'pipe'
  | 'stdout'
  | `/${string}`
  | `\\\\${string}`
  | `${string}:\\${string}`
  | `${string}://${string}`;

/** An absolute path that a program has put together: a file that is appended to, or a named pipe. */
export interface GivenPath {
  readonly path: string;
}

/** An open descriptor of the caller, who closes it. */
export interface GivenDescriptor {
  readonly fd: number;
}

/** A `ReadableStream` of the web. */
export interface WebReadable {
  readonly locked?: boolean;
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(reason?: unknown): Promise<unknown>;
  };
}

/** A `WritableStream` of the web. It is closed with the output. */
export interface WebWritable {
  readonly locked?: boolean;
  getWriter(): {
    readonly closed: Promise<unknown>;
    readonly ready: Promise<unknown>;
    write(chunk: Uint8Array): Promise<unknown>;
    close(): Promise<unknown>;
    abort(reason?: unknown): Promise<unknown>;
    releaseLock(): void;
  };
}

/** A `Writable` of Node. It is ended with the output, unless it is this program's own stdout or stderr. */
export interface NodeWritable {
  readonly destroyed?: boolean;
  readonly errored?: Error | null;
  write(chunk: Uint8Array, done: (error?: Error | null) => void): boolean;
  end(done?: () => void): unknown;
  destroy?(error?: Error): unknown;
  on(event: 'error' | 'close', listener: (error: Error) => void): unknown;
  off(event: 'error' | 'close', listener: (error: Error) => void): unknown;
}

/** Chunks, one after the other. A text by itself is no list of chunks, though it can be iterated. */
export type Chunks = Iterable<Uint8Array | string> & { readonly charCodeAt?: never };

/** A source of input: bytes, a list of chunks, anything that can be iterated, a stream of Node or of the web. */
export type Input = ByteSource | Uint8Array | Chunks | AsyncIterable<Uint8Array | string> | WebReadable;

/** A destination of output. */
export type Sink = ByteSink | NodeWritable | WebWritable;

/** Text is sent as UTF-8. A text by itself is a name: for text to be read, see `input` of the request. */
export type InputRequest = StreamName | GivenPath | Input | GivenDescriptor | undefined;

/** Where the output of a process goes: nowhere, a word, a path, a descriptor, or an object. */
export type OutputRequest = StreamName | GivenPath | Sink | GivenDescriptor | undefined;

/** When the reader of its output has left, a process finds a closed pipe, or its output is read and dropped. */
export type ReaderLeaves = 'close' | 'discard';

/** The streams of an exec, as its caller requests them. */
export interface StdioRequest {
  readonly stdin?: InputRequest;
  /** All of the input, in place of `stdin`. */
  readonly input?: string | Uint8Array;
  readonly stdout?: OutputRequest;
  /**
   * Must be absent, empty or `'ignore'` with a terminal. `'stdout'`: where stdout goes, as `2>&1`; the same holds where both
   * are given one path or object. The order of writes to both is kept then, with engines that take descriptors.
   */
  readonly stderr?: OutputRequest;
  /** Whether the process has a terminal: then everything comes on stdout. */
  readonly terminal?: boolean;
  /**
   * The fate of output requested as `'pipe'` when its reader has left. Default: `'close'`, and the process gets
   * SIGPIPE at its next write, as in a shell.
   */
  readonly whenReaderLeaves?: ReaderLeaves;
}

/** The same with names of any text, as they come from a client of containerd; they are validated when they are read. */
export interface UpstreamRequest extends Omit<StdioRequest, 'stdin' | 'stdout' | 'stderr'> {
  readonly stdin?: InputRequest | string;
  readonly stdout?: OutputRequest | string;
  readonly stderr?: OutputRequest | string;
}

/** The owner of the stdio, which a logging program gets in its environment. */
export interface UpstreamIdentity {
  readonly containerId: string;
  /** Default: `default`, as in containerd. */
  readonly namespace?: string;
}
