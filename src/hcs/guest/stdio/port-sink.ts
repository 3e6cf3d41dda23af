/**
 * The stdin of a process in a guest, written to the connection that the guest makes to a port. The first write waits
 * for it.
 *
 * End of input is a half-close: the guest still reads what was written before.
 */
import type { Duplex } from 'node:stream';
import { AsyncSubject } from 'rxjs';
import type { ByteSink } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import type { OfferedPort } from '../transport/transport.js';

export interface PortSink extends ByteSink {
  /** Ends the input. Earlier writes are still sent. May be called more than once. */
  halfClose(): void;
  /** Rejects pending writes and closes the connection or the port. May be called more than once. */
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
      // A failed write is reported by the write; an input that is no longer read is no other failure.
      connection.on('error', () => undefined);
      if (closed) return void connection.destroy();
      // The guest sends nothing but the end, which is seen only while reading.
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
  // A caller that never writes need not see the failure.
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
