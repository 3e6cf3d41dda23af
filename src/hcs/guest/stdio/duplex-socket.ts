/** A connection for the stdio of a process over a Duplex. */
import type { Duplex } from 'node:stream';
import { RxshimError } from '../../failures/errors.js';
import type { ReceivingEnd, SendingEnd, StdioSocket } from './stdio-socket.js';

export const duplexSocket = (duplex: Duplex): StdioSocket => ({
  receiving: () => receivingFrom(duplex),
  sending: () => sendingTo(duplex),
  close: () => void duplex.destroy(),
});

type Result = IteratorResult<Uint8Array, undefined>;
const END = { done: true, value: undefined } as const;

/** Nothing is read ahead beyond the buffer of the Duplex. */
const receivingFrom = (duplex: Duplex): ReceivingEnd => {
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
    duplex.destroy();
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
    if (pull === undefined) return;
    const chunk = duplex.read() as Uint8Array | null;
    if (chunk === null) return;
    total += chunk.length;
    settle()?.resolve({ done: false, value: chunk });
  };

  // A Duplex needs an `error` listener to the end, or the event would be thrown.
  duplex.on('error', fail);
  duplex.on('readable', attempt);
  duplex.once('end', close);
  duplex.once('close', close);

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
    arrived: () => total + duplex.readableLength,
    close,
    [Symbol.asyncIterator]: () => iterator,
  };
};

const sendingTo = (duplex: Duplex): SendingEnd => {
  // A failed write is reported by the write.
  duplex.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    duplex.once('end', resolve);
    duplex.once('close', resolve);
  });
  // The end of the other side is seen only while reading.
  duplex.resume();
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        duplex.write(chunk, (error) => {
          // Node reports a write that a failure of the reading direction has cut off as successful.
          if (error || duplex.destroyed) reject(error ?? duplex.errored ?? wasClosed());
          else resolve();
        });
      }),
    end: () =>
      new Promise((resolve) => {
        if (duplex.destroyed) return resolve();
        duplex.once('close', resolve);
        duplex.end(resolve);
      }),
    peerClosed: () => closed,
    close: () => void duplex.destroy(),
  };
};

const wasClosed = (): RxshimError => new RxshimError('unavailable', 'the connection was closed');
