/**
 * The input of a process, on the connection on which its output comes.
 *
 * The end of input is a half-close; a terminal has none, and gets the key for it. Daemons end a terminal's whole
 * connection at a half-close while its process goes on.
 */
import type { Duplex } from 'node:stream';
import type { ByteSink } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';

export interface Input extends ByteSink {
  connect(socket: Duplex): void;
  /** No more input. What was written before still goes out. May be called more than once. */
  halfClose(): void;
  /** Later writes are refused. */
  close(): void;
}

/** Ctrl-D. */
const endOfTransmission = Uint8Array.of(4);

export const inputOf = (terminal: boolean): Input => {
  let socket: Duplex | undefined;
  let closed = false;

  const end = (): void => {
    if (closed) return;
    closed = true;
    if (terminal) socket?.write(endOfTransmission);
    else socket?.end();
  };

  return {
    connect: (connected) => {
      socket = connected;
    },
    write: (chunk) =>
      new Promise((resolve, reject) => {
        if (closed || socket === undefined || socket.destroyed)
          throw new RxshimError('failedPrecondition', 'the input of the process is closed');
        // A chunk is the caller's again as soon as this settles, which is when the kernel has it.
        socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
    halfClose: end,
    close: () => {
      closed = true;
    },
  };
};
