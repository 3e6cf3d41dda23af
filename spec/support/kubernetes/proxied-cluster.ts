/**
 * A real cluster behind a proxy on loopback, which does the faults that a cluster does not do on demand: cuts, watches
 * that have expired, a false success, refusals.
 *
 * The invariant: the requests of the engine go on with the rights of the least role, so that a verb that the role lacks
 * fails a spec. Only what a spec asks for itself has the rights of the kubeconfig.
 */
import { createServer, type IncomingMessage, request as overHttp, type ServerResponse } from 'node:http';
import { request as overHttps, type RequestOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { clusterOf } from '../../../src/hcs/kubernetes/api/cluster.js';
import { call } from '../../../src/hcs/kubernetes/api/request.js';
import type { ApiPod } from '../../../src/hcs/kubernetes/pods/api-pod.js';
import { frameBytes } from './server-socket.js';
import type { RealCluster, TestCluster, Usage } from './test-cluster.js';

interface Session {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly isV5: boolean;
}

export const proxiedCluster = async (real: RealCluster): Promise<TestCluster> => {
  const { kubeconfig, context, namespace, image, speaksV5, token } = real;
  const cluster = clusterOf({ kubeconfig, ...(context !== undefined && { context }) });
  const { server: target, options } = await cluster.access();
  const asked: string[] = [];
  const watches = new Set<ServerResponse>();
  const logs = new Set<ServerResponse>();
  const sessions = new Set<Session>();
  const sockets = new Set<Socket>();
  let isExpired = false;
  let usage: Usage | undefined;
  let refused: { readonly pattern: RegExp; readonly status: number } | undefined;

  /** Certificates of the kubeconfig would be those of its user. */
  const { cert: _, key: __, pfx: ___, agent: ____, headers: _____, ...trust } = options;
  const forwarded = (request: IncomingMessage): RequestOptions => {
    const { host: _host, authorization: _authorization, connection, ...headers } = request.headers;
    return {
      ...trust,
      method: request.method,
      host: target.hostname,
      port: target.port || (target.protocol === 'https:' ? 443 : 80),
      path: `${target.pathname.replace(/\/$/, '')}${request.url}`,
      headers: {
        ...headers,
        ...(headers.upgrade !== undefined && { connection }),
        authorization: `Bearer ${token}`,
      },
    };
  };
  const send = target.protocol === 'https:' ? overHttps : overHttp;

  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '', 'http://proxy');
    const isList = request.method === 'GET' && url.pathname.endsWith('/pods');
    const isWatch = isList && url.searchParams.has('watch');
    if (isWatch && isExpired) {
      const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
      response.writeHead(200, { 'Content-Type': 'application/json' });
      return void response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    }
    if (isList && !isWatch) isExpired = false;
    const kept = isWatch ? watches : url.pathname.endsWith('/log') ? logs : undefined;
    kept?.add(response);
    const sent = send(forwarded(request), (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    sent.on('error', () => response.destroy());
    response.once('close', () => {
      kept?.delete(response);
      sent.destroy();
    });
    request.pipe(sent);
  };

  const note = ({ method, url = '' }: IncomingMessage): string | undefined => {
    asked.push(`${method} ${url}`);
    if (!refused?.pattern.test(`${method} ${url}`)) return undefined;
    return statusBody(refused.status, 'refused by the spec');
  };
  const server = createServer((request, response) => {
    const refusal = note(request);
    const { pathname } = new URL(request.url ?? '', 'http://proxy');
    if (refusal !== undefined) return answer(response, JSON.parse(refusal).code, refusal);
    if (!pathname.startsWith('/apis/metrics.k8s.io/')) return pass(request, response);
    if (usage === undefined)
      return answer(response, 404, statusBody(404, 'the server could not find the requested resource'));
    const containers = [{ name: 'main', usage }];
    answer(response, 200, JSON.stringify({ timestamp: new Date().toISOString(), containers }));
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, client: Socket, head: Buffer) => {
    const refusal = note(request);
    if (refusal !== undefined) return void client.end(plainAnswer(JSON.parse(refusal).code, refusal));
    const sent = send(forwarded(request));
    sent.once('upgrade', (answer, upstream: Socket, first) => {
      sockets.add(upstream);
      upstream.on('error', () => undefined);
      upstream.once('close', () => sockets.delete(upstream));
      client.write(`HTTP/1.1 101 Switching Protocols\r\n${headersOf(answer)}\r\n`);
      client.write(first);
      upstream.write(head);
      upstream.pipe(client);
      client.pipe(upstream);
      const isV5 = answer.headers['sec-websocket-protocol'] === 'v5.channel.k8s.io';
      const session = { client, upstream, isV5 };
      sessions.add(session);
      client.once('close', () => {
        // A session whose containerd restarts goes on unseen.
        if (sessions.delete(session)) upstream.destroy();
      });
    });
    sent.once('response', async (answer) => {
      let body = '';
      for await (const chunk of answer) body += chunk;
      client.end(plainAnswer(answer.statusCode ?? 502, body, answer.headers['content-type']));
    });
    sent.on('error', () => client.destroy());
    sent.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const path = `/api/v1/namespaces/${namespace}/pods`;
  const podDocument = (name: string): Promise<ApiPod> =>
    call<ApiPod>(cluster, { path: `${path}/${name}`, what: 'look at a pod', needs: '' });

  return {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    namespace,
    image,
    isReal: true,
    speaksV5,
    troubleTime: 30_000,
    asked,
    podNames: async () => {
      const request = { path, what: 'list the pods', needs: '' };
      const { items = [] } = await call<{ readonly items?: readonly ApiPod[] }>(cluster, request);
      return items.map(({ metadata }) => metadata?.name ?? '');
    },
    podDocument,
    deleteElsewhere: async (name, gracePeriodSeconds) => {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds };
      await call(cluster, {
        method: 'DELETE',
        path: `${path}/${name}`,
        body,
        what: 'delete a pod',
        needs: '',
      });
    },
    expireWatches: () => {
      isExpired = true;
      for (const response of watches) response.end();
    },
    cutWatches: () => {
      for (const response of watches) response.destroy();
    },
    cutExecs: () => {
      for (const { client } of sessions) client.destroy();
    },
    restartContainerd: () => {
      for (const session of [...sessions]) {
        const { client, upstream, isV5 } = session;
        sessions.delete(session);
        upstream.unpipe(client).resume();
        client.unpipe(upstream);
        if (!isV5) client.destroy();
        else {
          const success = Buffer.from('\x03{"metadata":{},"status":"Success"}');
          client.write(frameBytes(2, success));
          client.end(frameBytes(8, Uint8Array.of(0x03, 0xe8)));
        }
      }
    },
    cutLogs: () => {
      for (const response of logs) response.destroy();
    },
    measure: (given) => {
      usage = given;
    },
    refuse: (pattern, status = 500) => {
      refused = pattern && { pattern, status };
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

const reasons: Readonly<Record<number, string>> = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound' };

const statusBody = (code: number, message: string): string =>
  JSON.stringify({ kind: 'Status', status: 'Failure', code, message, reason: reasons[code] ?? '' });

const answer = (response: ServerResponse, status: number, body: string): void =>
  void response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);

const plainAnswer = (status: number, body: string, type = 'application/json'): string =>
  `HTTP/1.1 ${status} Refused\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;

const headersOf = ({ rawHeaders }: IncomingMessage): string => {
  let text = '';
  for (let at = 0; at < rawHeaders.length; at += 2) text += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  return text;
};
