/**
 * The output of a process in a guest, read on demand from the connection that the guest makes to a port.
 *
 * Nothing is read ahead beyond the socket's buffer. End of output closes both directions, because the guest reports the
 * exit only after that.
 */
import type { ByteSource } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import type { OfferedStdioPort } from '../transport/transport.js';
import type { ReceivingEnd } from './stdio-socket.js';

export interface PortSource extends ByteSource {
  /** Ends a pending pull with end of file and closes the connection or the port. May be called more than once. */
  close(): void;
  /** No more connections are expected: without one this is end of output. */
  expectNoMore(): void;
}

type Result = IteratorResult<Uint8Array, undefined>;
const END = { done: true, value: undefined } as const;

export const portSource = (port: OfferedStdioPort): PortSource => {
  let connection: ReceivingEnd | undefined;
  let bytes: AsyncIterator<Uint8Array, undefined> | undefined;
  /** A pull before the connection. */
  let pull: { resolve(result: Result | Promise<Result>): void; reject(error: unknown): void } | undefined;
  let closed = false;
  let failure: { readonly error: unknown } | undefined;

  const settle = () => {
    const settled = pull;
    pull = undefined;
    return settled;
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    port.close();
    connection?.close();
    settle()?.resolve(END);
  };

  const fail = (error: unknown): void => {
    if (closed) return;
    const pulled = settle();
    if (pulled === undefined) failure = { error };
    else pulled.reject(error);
    close();
  };

  port.connection$.subscribe({
    next: (socket) => {
      if (closed) return socket.close();
      connection = socket.receiving();
      bytes = connection[Symbol.asyncIterator]();
      settle()?.resolve(bytes.next());
    },
    error: fail,
    complete: () => {
      if (connection === undefined) close();
    },
  });

  const next = (): Promise<Result> => {
    if (failure !== undefined) {
      const { error } = failure;
      failure = undefined;
      return Promise.reject(error);
    }
    // What the connection has failed with is reported by its next pull.
    if (bytes !== undefined) return bytes.next();
    if (closed) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      if (pull !== undefined)
        throw new RxshimError('failedPrecondition', 'a source answers one pull at a time');
      pull = { resolve, reject };
    });
  };

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next,
    return: () => {
      close();
      return Promise.resolve(END);
    },
  };
  return {
    arrived: () => connection?.arrived() ?? 0,
    close,
    expectNoMore: () => {
      port.accept();
      if (connection === undefined) close();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
};
