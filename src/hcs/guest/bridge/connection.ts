/**
 * The connection below a bridge: bytes in both directions, and its end.
 */
import type { Readable, Writable } from 'node:stream';
import { Observable } from 'rxjs';

export interface BridgeConnection {
  /**
   * The received bytes, for one subscriber. Completes when the other side has ended; errors if either direction fails.
   */
  readonly received$: Observable<Uint8Array>;
  send(bytes: Uint8Array): void;
  /** Closes both directions. May be called more than once. */
  close(): void;
}

/** Over a socket (passed twice), or a pair of pipes. */
export const streamConnection = (input: Readable, output: Writable): BridgeConnection => ({
  received$: new Observable((listener) => {
    const fail = (error: unknown): void => listener.error(error);
    input.on('data', (chunk: Uint8Array) => listener.next(chunk));
    input.once('end', () => listener.complete());
    // Closed without an end: it was destroyed here, or by an error that is reported as well.
    input.once('close', () => listener.complete());
    // Both may fail more than once, and an `error` event without a listener would be thrown.
    input.on('error', fail);
    if (output !== (input as unknown)) output.on('error', fail);
  }),
  send: (bytes) => {
    if (output.writable) output.write(bytes);
  },
  close: () => {
    input.destroy();
    output.destroy();
  },
});
