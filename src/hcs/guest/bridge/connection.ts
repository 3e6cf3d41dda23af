/**
 * The connection under a bridge: bytes both ways, and its end.
 */
import type { Readable, Writable } from 'node:stream';
import { Observable } from 'rxjs';

export interface BridgeConnection {
  /** What arrives, for one subscriber. Completes when the other side has ended it; errors when it broke, either way. */
  readonly received$: Observable<Uint8Array>;
  send(bytes: Uint8Array): void;
  /** Ends it both ways. May be called more than once. */
  close(): void;
}

/** Over a socket (both arguments the same), or a pair of pipes. */
export const streamConnection = (input: Readable, output: Writable): BridgeConnection => ({
  received$: new Observable((listener) => {
    const fail = (error: unknown): void => listener.error(error);
    input.on('data', (chunk: Uint8Array) => listener.next(chunk));
    input.once('end', () => listener.complete());
    // Without an end first: it was destroyed, here or by an error that is told as well.
    input.once('close', () => listener.complete());
    // Both may fail more than once, and an error that nobody listens for ends the program.
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
