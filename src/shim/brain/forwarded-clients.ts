/**
 * containerd's connections, which the keeper has, as sockets that a ttrpc server can be attached to.
 *
 * Reading a socket returns the frames that the keeper forwards; written bytes are split into frames and sent back. The
 * keeper reads no further requests of a client that does not read its answers, so no backpressure is needed here.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { frameReader, headerSize, KeyValue } from '../ttrpc/index.js';
import { type CallJournal, callName } from './call-journal.js';
import type { KeeperFact, KeeperLink } from './link.js';

export interface ForwardedClients {
  /** Facts about clients; others are ignored. */
  happened(fact: KeeperFact): void;
  isThere(client: number): boolean;
}

export const forwardedClients = (
  link: Pick<KeeperLink, 'answer' | 'drop'>,
  journal: Pick<CallJournal, 'answered' | 'closed'>,
  attach: (socket: Socket) => void,
): ForwardedClients => {
  const clients = new Map<number, Duplex>();

  const open = (client: number): void => {
    const answers = frameReader({
      frame: ({ stream, type, payload }) =>
        link.answer(client, whole(stream, type, payload), () => journal.answered(callOf(client, stream))),
      oversize: () => link.drop(client),
    });
    const socket: Duplex = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        answers.push(chunk);
        done();
      },
      destroy: (error, done) => {
        // Closed here, not there.
        if (clients.delete(client)) link.drop(client);
        done(error);
      },
    });
    clients.set(client, socket);
    const destroySoon = (): void => void socket.end(() => socket.destroy());
    attach(Object.assign(socket, { destroySoon }) as unknown as Socket);
  };

  return {
    isThere: (client) => clients.has(client),
    happened: (fact) => {
      switch (fact.type) {
        case 'open':
          return open(fact.client);
        case 'request':
          return void clients.get(fact.client)?.push(named(fact.client, fact.frame));
        case 'closed': {
          const socket = clients.get(fact.client);
          clients.delete(fact.client);
          journal.closed(fact.client);
          socket?.push(null);
        }
      }
    },
  };
};

const callOf = (client: number, stream: number): string => `${client}/${stream}`;

/** The request with the name of its call in its metadata, which is the last field of a request that may be repeated. */
const named = (client: number, frame: Buffer): Buffer => {
  const pair = Buffer.from(
    KeyValue.encode({ key: callName, value: callOf(client, frame.readUInt32BE(4)) }).finish(),
  );
  const made = Buffer.concat([frame, Buffer.from([metadataTag, pair.length]), pair]);
  made.writeUInt32BE(made.length - headerSize, 0);
  return made;
};

/** The field `metadata` of a Request, which has a length. */
const metadataTag = (5 << 3) | 2;

const whole = (stream: number, type: number, payload: Buffer): Buffer => {
  const frame = Buffer.allocUnsafe(headerSize + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame.writeUInt32BE(stream, 4);
  frame[8] = type;
  frame[9] = 0;
  payload.copy(frame, headerSize);
  return frame;
};
