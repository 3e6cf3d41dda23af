/** What the specs of ttrpc share: a service to call, sockets in a folder of their own, and a peer that speaks in bytes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { Any } from '../../../src/shim/messages/index.js';
import { Request, Response } from '../../../src/shim/ttrpc/generated/ttrpc.js';
import {
  type Frame,
  frameReader,
  type Handlers,
  service,
  type TtrpcClient,
  type TtrpcServer,
  type TtrpcServerOptions,
  ttrpcClient,
  ttrpcServer,
} from '../../../src/shim/ttrpc/index.js';
import { TestDefinition } from './definition.js';

export type TestHandlers = Partial<Handlers<typeof TestDefinition>>;

const undo: (() => unknown)[] = [];
/** Runs after the spec, in reverse order. */
export const cleanly = (act: () => unknown): void => {
  undo.push(act);
};
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act();
});

export const socketPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ttrpc-'));
  cleanly(() => rmSync(folder, { recursive: true }));
  return join(folder, 's');
};

export interface Harness {
  readonly path: string;
  readonly server: TtrpcServer;
  readonly listener: Server;
  /** A client of it. */
  client(): TtrpcClient;
  /** A peer that says what it likes. */
  peer(): Promise<Peer>;
}

export const serve = async (
  handlers: TestHandlers = {},
  options: Partial<TtrpcServerOptions> = {},
  path = socketPath(),
): Promise<Harness> => {
  const methods = { echo: async (request: Any) => request, hold: undefined, missing: undefined, ...handlers };
  const server = ttrpcServer({ services: [service(TestDefinition, methods)], ...options });
  const listener = server.listen(createServer());
  await new Promise<void>((resolve) => listener.listen(path, resolve));
  cleanly(() => server.close({ within: 0 }));
  return {
    path,
    server,
    listener,
    client: () => {
      const client = ttrpcClient(() => connect(path));
      cleanly(() => client.close());
      return client;
    },
    peer: () => peerOf(connect(path)),
  };
};

export interface Peer {
  readonly socket: Socket;
  /** Sends one frame. */
  frame(stream: number, type: number, payload: Uint8Array): void;
  /** Sends a request to the test service. */
  call(stream: number, name: string, request?: Partial<Request>): void;
  /** The next answer. Rejects when the connection ends instead. */
  answer(): Promise<{ stream: number; code: number; message: string; payload: Uint8Array }>;
}

export const bytesOfFrame = (stream: number, type: number, payload: Uint8Array): Buffer => {
  const header = Buffer.alloc(10);
  header.writeUInt32BE(payload.length, 0);
  header.writeUInt32BE(stream, 4);
  header[8] = type;
  return Buffer.concat([header, payload]);
};

export const bytesOfCall = (stream: number, name: string, request: Partial<Request> = {}): Buffer => {
  const message = Request.create({ service: TestDefinition.fullName, method: name, ...request });
  return bytesOfFrame(stream, 1, Request.encode(message).finish());
};

export const peerOf = async (socket: Socket): Promise<Peer> => {
  cleanly(() => socket.destroy());
  const frames: Frame[] = [];
  let ended = false;
  let wake = (): void => {};
  const reader = frameReader({
    frame: (frame) => {
      frames.push(frame);
      wake();
    },
    oversize: () => {},
  });
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('error', () => {});
  socket.on('close', () => {
    ended = true;
    wake();
  });
  if (socket.connecting) await new Promise((resolve) => socket.once('connect', resolve));
  return {
    socket,
    frame: (stream, type, payload) => void socket.write(bytesOfFrame(stream, type, payload)),
    call: (stream, name, request) => void socket.write(bytesOfCall(stream, name, request)),
    answer: async () => {
      while (frames.length === 0) {
        if (ended) throw new Error('the connection ended');
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const { stream, payload } = frames.shift() as Frame;
      const response = Response.decode(payload);
      return {
        stream,
        code: response.status?.code ?? 0,
        message: response.status?.message ?? '',
        payload: response.payload,
      };
    },
  };
};

export const text = (value: string): Any => ({ typeUrl: value, value: new Uint8Array(0) });
export const never = <T>(): Promise<T> => new Promise<T>(() => {});
/** Long enough for what should not happen to have happened. */
export const aWhile = (ms = 20): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for what happens sooner or later. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await aWhile(2);
};
