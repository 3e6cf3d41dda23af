/**
 * One request to a daemon, on a connection of its own: an answer, a stream, or a connection that both sides use freely
 * (an upgrade). All of them by `node:http`; nothing is pooled, so no request waits for another.
 *
 * The invariant: an answer that is wrong, too large, or missing fails only this request, and leaves no socket open.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  request as overHttp,
  type RequestOptions,
} from 'node:http';
import { request as overHttps } from 'node:https';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import { Observable } from 'rxjs';
import { bodyOf, type QueryValue, queryText } from '../../remote/http.js';
import { refused, unreachable } from './api-error.js';
import { dialStdio } from './dial-stdio.js';
import { DirectSocket } from './direct-socket.js';
import type { Endpoint } from './endpoint.js';

export type Query = Readonly<Record<string, QueryValue>>;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'HEAD';
  /** Without the version: `/containers/ID/json`. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly stream?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  /** The operation as errors name it. Default: method and path. */
  readonly what?: string;
  /** How long the daemon may take until its answer begins, in milliseconds. Default: no limit. */
  readonly within?: number;
}

export interface Upgraded {
  readonly socket: Duplex;
  /** Bytes that came with the answer's head. */
  readonly head: Buffer;
  readonly headers: IncomingMessage['headers'];
}

/** Not a closure of the request: the connection would keep all of it. */
const ignored = (): void => undefined;

export const whatOf = ({ what, method, path }: ApiRequest): string => what ?? `${method} ${path}`;

/** Sends the request and emits the head of its answer, whatever its status. Unsubscribing closes the connection. */
export const respond = (endpoint: Endpoint, path: string, request: ApiRequest): Observable<IncomingMessage> =>
  new Observable((listener) => {
    const fail = (cause: unknown): void => listener.error(unreachable(whatOf(request), endpoint, cause));
    const sent = send(endpoint, path, request, {});
    sent.once('response', (response) => {
      // From here on the answer's reader gets the errors; it may be late, and an error without a listener ends the program.
      response.on('error', () => undefined);
      listener.next(response);
    });
    sent.on('error', fail);
    return () => void sent.destroy();
  });

/** Sends the request and emits the connection that the daemon has given up for it. It is the subscriber's to close. */
export const upgrade = (endpoint: Endpoint, path: string, request: ApiRequest): Observable<Upgraded> =>
  new Observable((listener) => {
    let handedOver = false;
    const fail = (cause: unknown): void => listener.error(unreachable(whatOf(request), endpoint, cause));
    const sent = send(endpoint, path, request, { Connection: 'Upgrade', Upgrade: 'tcp' });
    sent.once('upgrade', (response, socket, head) => {
      handedOver = true;
      // An error of a socket must have a listener to the last.
      socket.on('error', ignored);
      // A stream may end before it has a listener and lose the event, so the subscriber listens at once.
      listener.next({ socket, head, headers: response.headers });
      listener.complete();
    });
    sent.once('response', (response) => {
      const status = response.statusCode ?? 0;
      textOf(response).then((body) => listener.error(refused(whatOf(request), status, body)), fail);
    });
    sent.on('error', fail);
    return () => {
      if (!handedOver) sent.destroy();
    };
  });

/** The whole body. @throws RxshimError for one that is cut off or too long. */
export const textOf = (response: IncomingMessage): Promise<string> => bodyOf(response, 'the daemon');

const send = (
  endpoint: Endpoint,
  path: string,
  { method, query = {}, body, stream, headers = {}, within }: ApiRequest,
  upgrading: Readonly<Record<string, string>>,
): ClientRequest => {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const options: RequestOptions = {
    ...connectionTo(endpoint, 'Upgrade' in upgrading),
    method,
    path: `${path}${queryText(Object.entries(query))}`,
    headers: {
      Host: endpoint.kind === 'tcp' ? `${endpoint.host}:${endpoint.port}` : 'docker',
      ...headers,
      ...(payload !== undefined && { 'Content-Type': 'application/json', 'Content-Length': payload.length }),
      // Podman wants a length also where there is nothing.
      ...(payload === undefined && stream === undefined && method === 'POST' && { 'Content-Length': 0 }),
      ...upgrading,
    },
  };
  const sent = endpoint.kind === 'tcp' && endpoint.tls !== undefined ? overHttps(options) : overHttp(options);
  if (within !== undefined) {
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${within} ms`)), within);
    const answered = (): void => clearTimeout(timer);
    sent.once('response', answered).once('upgrade', answered).once('close', answered);
  }
  if (stream === undefined) sent.end(payload);
  else {
    // A source that fails fails the request with its own error.
    stream.once('error', (error) => sent.destroy(error));
    pipeline(stream, sent, () => undefined);
  }
  return sent;
};

const connectionTo = (endpoint: Endpoint, isUpgrade: boolean): RequestOptions => {
  switch (endpoint.kind) {
    case 'socket':
      // A pipe of Windows is read into its buffer at any time: connections cannot share one there.
      if (isUpgrade && process.platform !== 'win32')
        return { createConnection: () => new DirectSocket(endpoint.path) as never };
      return { socketPath: endpoint.path, agent: false };
    case 'ssh':
      // Without `agent`: `agent: false` would make node ignore the connection.
      return { createConnection: () => dialStdio(endpoint) as never };
    case 'tcp': {
      const { tls, host, port } = endpoint;
      const { insecure = false, ...material } = tls ?? {};
      return { host, port, agent: false, ...material, ...(insecure && { rejectUnauthorized: false }) };
    }
  }
};
