/**
 * The stdin of a process in a guest, written to the connection that the guest makes to a port. The first write waits
 * for it.
 *
 * End of input is a half-close: the guest still reads what was written before.
 */
import { AsyncSubject } from 'rxjs';
import type { ByteSink } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import type { OfferedStdioPort } from '../transport/transport.js';
import type { SendingEnd } from './stdio-socket.js';

export interface PortSink extends ByteSink {
  /** Ends the input. Earlier writes are still sent. May be called more than once. */
  halfClose(): void;
  /** No connection is expected any more. `hasExited`: as in `OfferedStdio`. */
  finish(hasExited: boolean): void;
  /** Rejects pending writes and closes the connection or the port. May be called more than once. */
  close(): void;
}

export const portSink = (port: OfferedStdioPort): PortSink => {
  const connected$ = new AsyncSubject<SendingEnd>();
  let connection: SendingEnd | undefined;
  let ended = false;
  let closed = false;

  port.connection$.subscribe({
    next: (socket) => {
      if (closed) return socket.close();
      connection = socket.sending();
      connected$.next(connection);
      connected$.complete();
      if (ended) void connection.end();
    },
    error: (error) => connected$.error(error),
    complete: () => {
      if (connection === undefined) connected$.error(neverCame());
    },
  });
  // A caller that never writes need not see the failure.
  connected$.subscribe({ error: () => undefined });

  const write = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (ended || closed) throw new RxshimError('failedPrecondition', 'the input of the process is closed');
      connected$.subscribe({ next: (its) => void its.write(chunk).then(resolve, reject), error: reject });
    });

  return {
    write,
    halfClose: () => {
      if (ended || closed) return;
      ended = true;
      void connection?.end();
    },
    finish: (hasExited) => {
      if (hasExited && connection !== undefined && port.release !== undefined) port.release();
      else if (connection !== undefined) port.close();
    },
    close: () => {
      if (closed) return;
      closed = true;
      port.close();
      connection?.close();
    },
  };
};

const neverCame = (): RxshimError =>
  new RxshimError('unavailable', 'the guest never connected the input of the process');
