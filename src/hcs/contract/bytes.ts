/**
 * Byte streams are pulled, never pushed: a slow reader slows the writer, and memory stays bounded.
 *
 * A source or sink on an operating-system descriptor exposes it as `fd`. Two such ends may be connected by moving the
 * bytes within the kernel, or the descriptor may be passed to the process without any copy.
 */

/**
 * A source of bytes. Iterated once; ends at end of file; throws if reading fails. A chunk is valid until the next pull:
 * copy it to keep it.
 */
export interface ByteSource extends AsyncIterable<Uint8Array> {
  readonly fd?: number | undefined;
  /**
   * How many bytes have arrived so far: all that were read, and all that can be read without waiting; Infinity when all
   * writers have closed. It separates what a process wrote before its exit from what others write afterwards.
   */
  arrived?(): number;
}

/** A sink for bytes. One `write` at a time; the promise resolves when the sink accepts more. */
export interface ByteSink {
  readonly fd?: number | undefined;
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Called when the source has ended. The output counts as copied when this resolves, for example when a file is
   * flushed.
   */
  end?(): void | Promise<void>;
  /**
   * Settles when the sink accepts no more although it was not ended: its reader has left. The process's end of the pipe
   * is then closed, so that its next write raises SIGPIPE. A rejection means that the sink failed.
   */
  readonly closed?: Promise<unknown> | undefined;
  /** Called at the exit of the process, for a sink that can then buffer what its reader has not taken yet. */
  processExited?(): void;
  /** Called instead of `end` if output was cut or could not be read to its end: the reader gets this error. */
  fail?(error: unknown): void;
}
