/**
 * A connection that carries one stream of one process, in one direction: over any Duplex, or over a plain descriptor.
 */
import type { ByteSource } from '../../contract/bytes.js';

/** One of the two ends is taken, once. */
export interface StdioSocket {
  receiving(): ReceivingEnd;
  sending(): SendingEnd;
  /** Closes both directions. May be called more than once. */
  close(): void;
}

/** The end that receives. The end of the stream, a failure and leaving the loop close the connection. */
export interface ReceivingEnd extends ByteSource {
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined>;
  arrived(): number;
  /** Whether the end of the stream was read. */
  readonly hasEnded: boolean;
  /** Ends a pending pull with end of file and closes the connection. May be called more than once. */
  close(): void;
}

/** The end that sends. What the other side sends is discarded. */
export interface SendingEnd {
  /** Resolves when the socket has accepted the chunk, which must not change until then. */
  write(chunk: Uint8Array): Promise<void>;
  /** Half-closes after all writes. Resolves when that is done, also after a failure. May be called more than once. */
  end(): Promise<void>;
  /** Settles when the other side has closed, or the connection has failed. */
  peerClosed(): Promise<void>;
  /** Closes both directions. May be called more than once. */
  close(): void;
}
