/** A connection for the stdio of a process over a Duplex. */
import type { Duplex } from 'node:stream';
import { RxshimError } from '../../failures/errors.js';
import { onePull } from './one-pull.js';
import type { ReceivingEnd, SendingEnd, StdioSocket } from './stdio-socket.js';

export const duplexSocket = (duplex: Duplex): StdioSocket => ({
  receiving: () => receivingFrom(duplex),
  sending: () => sendingTo(duplex),
  close: () => void duplex.destroy(),
});

/** Nothing is read ahead beyond the buffer of the Duplex. */
const receivingFrom = (duplex: Duplex): ReceivingEnd => {
  let total = 0;
  const pull = onePull(() => duplex.destroy());

  const attempt = (): void => {
    if (!pull.isWaiting) return;
    const chunk = duplex.read() as Uint8Array | null;
    if (chunk === null) return;
    total += chunk.length;
    pull.answer({ done: false, value: chunk });
  };

  // A Duplex needs an `error` listener to the end, or the event would be thrown.
  duplex.on('error', pull.fail);
  duplex.on('readable', attempt);
  duplex.once('end', pull.close);
  duplex.once('close', pull.close);

  const iterator = pull.iterator(() => pull.failed() ?? pull.wait(attempt));
  return {
    arrived: () => total + duplex.readableLength,
    close: pull.close,
    get hasEnded() {
      return duplex.readableEnded;
    },
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
