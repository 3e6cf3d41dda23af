/**
 * The output of a process in a guest, read on demand from the connection that the guest makes to a port.
 *
 * Nothing is read ahead beyond the socket's buffer. End of output closes both directions, because the guest reports the
 * exit only after that.
 */
import type { Duplex } from 'node:stream';
import type { ByteSource } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import type { OfferedPort } from '../transport/transport.js';

export interface PortSource extends ByteSource {
  /** Ends a pending pull with end of file and closes the connection or the port. May be called more than once. */
  close(): void;
  /** No more connections are expected: without one this is end of output. */
  expectNoMore(): void;
}

type Result = IteratorResult<Uint8Array, undefined>;
const END = { done: true, value: undefined } as const;

export const portSource = (port: OfferedPort): PortSource => {
  let socket: Duplex | undefined;
  let pull: { resolve(result: Result): void; reject(error: unknown): void } | undefined;
  let closed = false;
  let total = 0;
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
    socket?.destroy();
    settle()?.resolve(END);
  };

  const fail = (error: unknown): void => {
    if (closed) return;
    const pulled = settle();
    if (pulled === undefined) failure = { error };
    else pulled.reject(error);
    close();
  };

  const attempt = (): void => {
    if (pull === undefined || socket === undefined) return;
    const chunk = socket.read() as Uint8Array | null;
    if (chunk === null) return;
    total += chunk.length;
    settle()?.resolve({ done: false, value: chunk });
  };

  port.connection$.subscribe({
    next: (connection) => {
      socket = connection;
      // A socket needs an `error` listener to the end, or the event would be thrown.
      connection.on('error', fail);
      if (closed) return void connection.destroy();
      connection.on('readable', attempt);
      connection.once('end', close);
      connection.once('close', close);
      attempt();
    },
    error: fail,
    complete: () => {
      if (socket === undefined) close();
    },
  });

  const next = (): Promise<Result> => {
    if (failure !== undefined) {
      const { error } = failure;
      failure = undefined;
      return Promise.reject(error);
    }
    if (closed) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      if (pull !== undefined)
        throw new RxshimError('failedPrecondition', 'a source answers one pull at a time');
      pull = { resolve, reject };
      attempt();
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
    arrived: () => total + (socket?.readableLength ?? 0),
    close,
    expectNoMore: () => {
      if (socket === undefined) close();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
};
