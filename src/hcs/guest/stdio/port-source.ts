/**
 * The output of a process in a guest, read on demand from the connection that the guest makes to a port.
 *
 * Nothing is read ahead beyond the socket's buffer. End of output closes both directions, because the guest reports the
 * exit only after that.
 */
import type { ByteSource } from '../../contract/bytes.js';
import type { OfferedStdioPort } from '../transport/transport.js';
import { onePull } from './one-pull.js';
import type { ReceivingEnd } from './stdio-socket.js';

export interface PortSource extends ByteSource {
  /** Ends a pending pull with end of file and closes the connection or the port. May be called more than once. */
  close(): void;
  /** No connection is expected any more: without one this is the end of output. `hasExited`: as in `OfferedStdio`. */
  finish(hasExited: boolean): void;
}

export const portSource = (port: OfferedStdioPort): PortSource => {
  let connection: ReceivingEnd | undefined;
  let bytes: AsyncIterator<Uint8Array, undefined> | undefined;
  /** A pull before the connection. */
  const pull = onePull(() => {
    if (connection?.hasEnded !== true) port.close();
    connection?.close();
  });

  port.connection$.subscribe({
    next: (socket) => {
      if (pull.isClosed) return socket.close();
      connection = socket.receiving();
      bytes = connection[Symbol.asyncIterator]();
      if (pull.isWaiting) pull.answer(bytes.next());
    },
    error: pull.fail,
    complete: () => {
      if (connection === undefined) pull.close();
    },
  });

  // The next pull reports the failure of the connection.
  const iterator = pull.iterator(() => pull.failed() ?? bytes?.next() ?? pull.wait());
  return {
    arrived: () => connection?.arrived() ?? 0,
    close: pull.close,
    finish: (hasExited) => {
      port.accept();
      if (connection === undefined) pull.close();
      if (hasExited && connection?.hasEnded === true && port.release !== undefined) port.release();
      else port.close();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
};
