/** A server on this host that answers as functions say; HTTP and upgrades are done here. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ReplayServer {
  readonly server: string;
  close(): Promise<void>;
}

export interface Handlers {
  answer(request: Asked, response: ServerResponse): void;
  upgrade?(request: Asked, socket: Socket): void;
}

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
}

export const startReplayServer = async ({ answer, upgrade }: Handlers): Promise<ReplayServer> => {
  const sockets = new Set<Socket>();
  const askedBy = ({ method = '', url = '', headers }: IncomingMessage): Asked => ({
    method,
    url: new URL(url, 'http://replay'),
    headers,
  });
  const server = createServer((request, response) => {
    request.resume().once('end', () => answer(askedBy(request), response));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => upgrade?.(askedBy(request), socket));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

export const sendAnswer = (
  response: ServerResponse,
  {
    status,
    headers,
    body,
  }: { status: number; headers?: Readonly<Record<string, string>> | undefined; body?: unknown },
): void => {
  const isText = typeof body === 'string';
  response
    .writeHead(status, {
      'Content-Type': headers?.['content-type'] ?? (isText ? 'text/plain' : 'application/json'),
    })
    .end(isText ? body : JSON.stringify(body ?? {}));
};

export const refuseUpgrade = (socket: Socket, status: number, body: unknown): void => {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
};
