/** One end of a connection, as a double of either side has it: what arrives is recorded, what is sent is checked. */
import type { Duplex } from 'node:stream';
import { streamConnection } from '../../src/hcs/guest/bridge/connection.js';
import { encodeFrame, type Frame } from '../../src/hcs/guest/protocol/frame.js';
import { frames } from '../../src/hcs/guest/protocol/frames.js';
import { type Arrivals, arrivals, within } from './within.js';

export interface BridgeEndpoint {
  readonly received: Arrivals<Frame>;
  send(frame: Frame): void;
  close(): void;
  /** Settles when the other side has closed it. */
  readonly closed: Promise<void>;
}

export const bridgeEndpoint = (socket: Duplex): BridgeEndpoint => {
  const connection = streamConnection(socket, socket);
  const received = arrivals<Frame>();
  const closed = new Promise<void>((resolve) => {
    const done = () => resolve();
    connection.received$
      .pipe(frames(Number.POSITIVE_INFINITY))
      .subscribe({ next: received.arrive, error: done, complete: done });
  });
  return { received, closed, send: (frame) => connection.send(encodeFrame(frame)), close: connection.close };
};

export interface StreamEndpoint {
  send(bytes: Uint8Array): void;
  /** No more from this side. */
  halfClose(): void;
  close(): void;
  /** Waits until this much more has arrived. */
  read(what: string, length: number): Promise<Buffer>;
  /** Waits for the other side's half-close. */
  end(what: string): Promise<void>;
  /** Whether the other side has ended it. */
  readonly ended: boolean;
}

export const streamEndpoint = (socket: Duplex): StreamEndpoint => {
  let held = Buffer.alloc(0);
  let ended = false;
  let stir = (): void => undefined;
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    stir();
  });
  const over = (): void => {
    ended = true;
    stir();
  };
  socket.once('end', over);
  socket.once('close', over);
  socket.on('error', () => undefined);
  const until = (what: string, holds: () => boolean): Promise<void> =>
    within(
      what,
      new Promise((resolve) => {
        stir = () => {
          if (holds()) resolve();
        };
        stir();
      }),
    );
  return {
    send: (bytes) => void socket.write(bytes),
    halfClose: () => void socket.end(),
    close: () => void socket.destroy(),
    read: async (what, length) => {
      await until(what, () => held.length >= length);
      const bytes = held.subarray(0, length);
      held = held.subarray(length);
      return bytes;
    },
    end: (what) => until(what, () => ended),
    get ended() {
      return ended;
    },
  };
};
