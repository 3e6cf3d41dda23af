/**
 * What is written to a process: into the connection that the guest makes to a port, which a write waits for.
 *
 * The end of input is a half-close: the guest goes on reading what was written before it.
 */
import type { Duplex } from 'node:stream';
import { AsyncSubject } from 'rxjs';
import type { ByteSink } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import type { OfferedPort } from '../transport/transport.js';

export interface PortSink extends ByteSink {
  /** No more input. What was written before still goes out. May be called more than once. */
  halfClose(): void;
  /** Rejects what is not written yet and closes the connection, or the port. May be called more than once. */
  close(): void;
}

export const portSink = (port: OfferedPort): PortSink => {
  const connected$ = new AsyncSubject<Duplex>();
  let socket: Duplex | undefined;
  let ended = false;
  let closed = false;

  port.connection$.subscribe({
    next: (connection) => {
      socket = connection;
      // A write that fails says so itself; beyond that, input that nobody takes any more is no failure.
      connection.on('error', () => undefined);
      if (closed) return void connection.destroy();
      // Nothing comes this way but the end, and without reading that would never be seen.
      connection.resume();
      connected$.next(connection);
      connected$.complete();
      if (ended) connection.end();
    },
    error: (error) => connected$.error(error),
    complete: () => {
      if (socket === undefined) connected$.error(neverCame());
    },
  });
  // Who never writes need not hear of it.
  connected$.subscribe({ error: () => undefined });

  const write = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (ended || closed) throw new RxshimError('failedPrecondition', 'the input of the process is closed');
      connected$.subscribe({
        next: (connection) => {
          connection.write(chunk, (error) => (error ? reject(error) : resolve()));
        },
        error: reject,
      });
    });

  return {
    write,
    halfClose: () => {
      if (ended || closed) return;
      ended = true;
      socket?.end();
    },
    close: () => {
      if (closed) return;
      closed = true;
      port.close();
      socket?.destroy();
    },
  };
};

const neverCame = (): RxshimError =>
  new RxshimError('unavailable', 'the guest never connected the input of the process');
