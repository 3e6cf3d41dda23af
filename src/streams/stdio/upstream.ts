/**
 * The caller's end of an exec's stdio: what the process's own streams are connected to. Already open when an exec is
 * made from it, or opened by its start; the exec closes it once.
 */

import { EMPTY } from 'rxjs';
import type { ByteSink, ByteSource } from '../../hcs/contract/bytes.js';
import type { Act } from '../../hcs/contract/compute-process.js';
import type { Descriptors } from '../../hcs/contract/compute-system.js';

import type { OutputStream } from './output-stream.js';

/** Where the caller writes what the process shall read. */
export interface CallerInput extends ByteSink {
  /**
   * Settles when all of the chunk is on its way; text is sent as UTF-8. Rejects with `invalidArgument` for what is
   * neither bytes nor text (the pipe stays as it was), and with `failedPrecondition` when the process reads no more.
   */
  write(chunk: Uint8Array | string): Promise<void>;
  /** No more will be written: the process sees the end. Idempotent. */
  end(): void;
}

/** One of the two outputs of a process. */
export type OutputName = 'stdout' | 'stderr';

/**
 * The output of the process, for one reader: a second one, also after the first has left, gets an error of kind
 * `failedPrecondition`. Reading slowly slows the process: 64 KiB are kept, the rest waits. All output from
 * before the exit is kept for the reader, however slow or late it is.
 *
 * If output was cut, it ends with an error of kind `truncated` instead of a normal end.
 */
export type CallerOutput = AsyncIterable<Uint8Array>;

/** Outputs of the caller that have no reader yet. */
export interface Unread {
  /** Those that hold bytes. */
  readonly names: readonly OutputName[];
  /** Some of the bytes were dropped. */
  readonly dropped: boolean;
}

/** The upstream of an exec: where its output goes and its input comes from. */
export interface UpstreamIo {
  /** Opens the streams that are not open yet. Called once, before the process is created; absent if all are open. */
  open?(): Act;
  /** For streams that the caller itself reads or writes: its ends of them. */
  readonly caller?: {
    readonly stdin?: CallerInput | undefined;
    readonly stdout?: CallerOutput | undefined;
    readonly stderr?: CallerOutput | undefined;
    /** Both, in place of `stdout` and `stderr`. */
    readonly output$?: OutputStream;
  };
  /** A stream that is absent is not connected: the process gets nothing to read, its output goes nowhere. */
  readonly stdin?: ByteSource | undefined;
  readonly stdout?: ByteSink | undefined;
  /** Never with a terminal: everything comes on stdout there. */
  readonly stderr?: ByteSink | undefined;
  /** Their destinations as the caller gave them; reported in the status and in events. */
  readonly stdinPath: string;
  readonly stdoutPath: string;
  readonly stderrPath: string;
  readonly terminal: boolean;
  /** The caller waits for the end: from now on an output without a reader must not delay it. */
  awaited?(): void;
  unread?(): Unread;
  /** The process has its own descriptors now: releases those that were only for it. */
  handedOver?(descriptors: Descriptors): void;
  /** No more input will come: the process sees the end of what was written. Idempotent. */
  closeStdin(): Act;
  /** Its close waits for a reader, a logging program: nothing may be moved there after it. */
  readonly closeWaits?: true;
  /** Closes every stream. Idempotent; may take a while where a logger has to finish. */
  close(): Act;
}

/** Connected to nothing: there is nothing to read, to write or to close. */
export const unconnected: UpstreamIo = {
  stdinPath: '',
  stdoutPath: '',
  stderrPath: '',
  terminal: false,
  closeStdin: () => EMPTY,
  close: () => EMPTY,
};
