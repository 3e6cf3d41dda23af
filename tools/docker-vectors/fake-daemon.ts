/**
 * A daemon that answers as a function says, on a socket of its own, and can be taken away and brought back. What it says
 * is the caller's; HTTP, upgrades and frames are done here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf, queryOf } from './session.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface FakeDaemon {
  readonly host: string;
  /** Everything that was asked, in order. */
  readonly asked: readonly Asked[];
  /** Cuts all connections off and takes no more. */
  vanish(): Promise<void>;
  return(): Promise<void>;
  close(): Promise<void>;
}

export interface Handlers {
  answer(asked: Asked, response: ServerResponse): void;
  /** For a request to upgrade: answers with an error by `answer`, unless it takes the socket. */
  upgrade(asked: Asked, socket: Socket): boolean;
}

export const fakeDaemon = async (
  headers: Readonly<Record<string, string>>,
  handlers: Handlers,
): Promise<FakeDaemon> => {
  const folder = mkdtempSync(join(tmpdir(), 'rx-daemon-'));
  const path = join(folder, 's');
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let isClosed = false;

  const read = async (request: IncomingMessage): Promise<Asked> => {
    let text = '';
    if (request.headers['content-length'] !== '0' && request.headers['content-length'] !== undefined)
      for await (const chunk of request) text += chunk;
    const { method = '', url = '' } = request;
    const one = { method, path: pathOf(url), query: queryOf(url), body: text === '' ? {} : JSON.parse(text) };
    asked.push(one);
    return one;
  };

  const open = async (): Promise<void> => {
    // What wanted it back may come after its end.
    if (isClosed) return;
    rmSync(path, { force: true });
    server = createServer((request, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      // A request that ends with its connection has no recipient.
      read(request).then(
        (one) => {
          if (one.path === '/_ping') return void response.end('OK');
          handlers.answer(one, response);
        },
        () => undefined,
      );
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      const length = Number(request.headers['content-length'] ?? 0);
      const { method = '', url = '' } = request;
      const begin = (text: string, rest: Buffer): void => {
        const one = {
          method,
          path: pathOf(url),
          query: queryOf(url),
          body: text === '' ? {} : JSON.parse(text),
        };
        asked.push(one);
        if (rest.length > 0) socket.unshift(rest);
        if (!handlers.upgrade(one, socket)) socket.end();
      };
      // Node leaves the body of such a request on the connection.
      let body = head;
      const take = (): void => {
        for (let chunk = socket.read(); body.length < length && chunk !== null; chunk = socket.read())
          body = Buffer.concat([body, chunk]);
        if (body.length < length) return;
        socket.off('readable', take);
        begin(body.toString('utf8', 0, length), body.subarray(length));
      };
      socket.on('readable', take);
      take();
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
  };

  const vanish = async (): Promise<void> => {
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  await open();
  return {
    host: `unix://${path}`,
    asked,
    vanish,
    return: open,
    close: async () => {
      isClosed = true;
      await vanish();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  if (status === 204 || status === 304) return void response.writeHead(status).end();
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

export const switching = Buffer.from(
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
);

export const refusal = (status: number, body: unknown): Buffer => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return Buffer.from(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
};

export const frameOf = (type: number | 'raw', bytes: Uint8Array): Buffer => {
  if (type === 'raw') return Buffer.from(bytes);
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};
