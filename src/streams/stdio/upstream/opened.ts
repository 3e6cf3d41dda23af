/**
 * A stream that is open: what the exec reads or writes, the caller's side of it if it has one, and how it is closed.
 *
 * The invariant of an implementation: what was opened for it is closed once, by `close`, which may be called more than
 * once and ends what is pending.
 */
import type { ByteSink, ByteSource } from '../../../hcs/contract/bytes.js';
import type { CallerInput, CallerOutput, Unread } from '../upstream.js';

export interface OpenedInput {
  readonly source: ByteSource;
  readonly caller?: CallerInput;
  /** No more input comes from here. Earlier input still gets to the process. */
  end(): void;
  /** The process reads it by itself from now on: what was only for it is let go of. */
  handedOver?(): void;
  close(): void;
}

export interface OpenedOutput {
  readonly sink: ByteSink;
  readonly caller?: CallerOutput;
  /** See `UpstreamIo`; for streams that the caller reads. */
  awaited?(): void;
  unread?(): Unread;
  /** Its reader is another pipe from now on: what is kept for the reader goes there, and settles when that is done. */
  passOn?(to: ByteSink): Promise<unknown>;
  /** The process writes to it by itself from now on: what was only for it is let go of. */
  handedOver?(): void;
  close(): void;
}

/** Closes all, even if one fails; throws the first error afterwards. */
export const closeAll = (streams: readonly ({ close(): void } | undefined)[]): void => {
  const errors: unknown[] = [];
  for (const stream of streams) {
    try {
      stream?.close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
};
