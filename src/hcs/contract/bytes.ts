/**
 * Bytes are pulled, never pushed: a slow reader slows the writer, and memory stays bounded.
 *
 * A source or sink that stands on an operating-system descriptor says so in `fd`. Whoever connects two such ends may
 * then move the bytes below JavaScript, or hand the descriptor to the process and copy nothing.
 */

/**
 * Where bytes come from. Iterated once; ends at end of file; throws when reading fails.
 * A chunk is valid until the next one is asked for: copy it to keep it.
 */
export interface ByteSource extends AsyncIterable<Uint8Array> {
  readonly fd?: number | undefined;
  /**
   * How many bytes have arrived here so far: all that were read, and what could be read without waiting; Infinity when all
   * writers are gone. So what a process wrote before its exit can be told from what others write afterwards.
   */
  arrived?(): number;
}

/** Where bytes go. One `write` at a time; the promise settles when the sink wants more. */
export interface ByteSink {
  readonly fd?: number | undefined;
  write(chunk: Uint8Array): Promise<void>;
  /** Called when the source has ended. Output is through when that is done: a file, say, has been flushed then. */
  end?(): void | Promise<void>;
  /**
   * Settles when the sink takes no more, though nobody has ended it: its reader has left. The process's end of the pipe
   * is closed then, so that its next write raises SIGPIPE. A rejection says that the sink failed.
   */
  readonly closed?: Promise<unknown> | undefined;
  /** Called at the exit of the process, by a sink that can then keep what its reader has not taken yet. */
  processExited?(): void;
  /** Called instead of `end` when output was cut or could not be read to its end: the reader gets this error. */
  fail?(error: unknown): void;
}
