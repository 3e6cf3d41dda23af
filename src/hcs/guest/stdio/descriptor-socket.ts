/** A connection for the stdio of a process over the descriptor of a connected socket. */
import { closeSync } from 'node:fs';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { socketSink } from '../../native/descriptor/sink.js';
import { socketSource } from '../../native/descriptor/source.js';
import { hasPeerClosed, shutDownOutput } from '../../native/socket/unix-socket.js';
import type { ReceivingEnd, SendingEnd, StdioSocket } from './stdio-socket.js';

/** Owns `fd` from now on. */
export const descriptorSocket = (fd: number): StdioSocket => {
  let close = (): void => closeSync(fd);
  let closed = false;
  return {
    receiving: () => {
      const source = socketSource(fd);
      close = source.close;
      // Without its descriptor: the bytes must not be moved past the end that closes the connection.
      return {
        arrived: () => source.arrived?.() ?? 0,
        close,
        get hasEnded() {
          return source.hasEnded;
        },
        [Symbol.asyncIterator]: () => source[Symbol.asyncIterator](),
      } as ReceivingEnd;
    },
    sending: () => {
      const end = sendingTo(fd);
      close = end.close;
      return end;
    },
    close: () => {
      if (closed) return;
      closed = true;
      close();
    },
  };
};

const sendingTo = (fd: number): SendingEnd => {
  const sink = socketSink(fd);
  let isOpen = true;
  let writing: Promise<unknown> | undefined;
  let ended: Promise<void> | undefined;
  let closed: Promise<void> | undefined;
  let settle: () => void = () => undefined;

  const shutDown = (): void => {
    if (!isOpen) return;
    try {
      shutDownOutput(fd);
    } catch {
      // The other side has closed already.
    }
  };

  return {
    write: (chunk) => {
      const written = sink.write(chunk);
      const its = written.then(undefined, () => undefined);
      writing = its;
      void its.then(() => {
        if (writing === its) writing = undefined;
      });
      return written;
    },
    end: () => {
      if (ended === undefined) {
        if (writing === undefined) shutDown();
        ended = writing?.then(shutDown) ?? Promise.resolve();
      }
      return ended;
    },
    peerClosed: () => {
      closed ??= new Promise((resolve) => {
        settle = resolve;
        const look = (): void => {
          if (!isOpen || hasPeerClosed(fd)) resolve();
          else whenReady(fd, 'read', look);
        };
        look();
      });
      return closed;
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      forget(fd);
      sink.close();
      settle();
    },
  };
};
