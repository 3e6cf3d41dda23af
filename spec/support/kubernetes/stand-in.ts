/**
 * A stand-in for an API server with one node, made from what was recorded of a real one (docs/kubernetes.md says what it
 * cannot show): pods, lists, watches, execs, attachments and logs, over processes of this host.
 *
 * Its faults are done on demand: an expired watch, a cut, a false success, a node that is gone.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiPod } from '../../../src/hcs/kubernetes/pods/api-pod.js';
import { eventFeed } from './event-feed.js';
import { execSession } from './exec-session.js';
import { type PodLife, startPod } from './pod-life.js';
import { acceptSocket, type ServerSocket } from './server-socket.js';
import type { TestCluster } from './test-cluster.js';

export interface StandIn extends TestCluster {
  readonly pods: ReadonlyMap<string, PodLife>;
  pod(name: string): PodLife;
  /** Nothing is reported of the containers until it is called with false. */
  kubeletDown(isDown: boolean): void;
}

export interface StandInOptions {
  readonly hasShell?: boolean;
  /** How long the end of a container takes to be reported, in milliseconds. */
  readonly relist?: number;
  /** The subprotocols it knows. */
  readonly protocols?: readonly string[];
}

interface Watcher {
  readonly response: ServerResponse;
  readonly selects: (pod: ApiPod) => boolean;
}

export const startStandIn = async ({
  hasShell = true,
  relist = 5,
  protocols,
}: StandInOptions = {}): Promise<StandIn> => {
  const events = eventFeed();
  const lives = new Map<string, PodLife>();
  const history: { readonly version: number; readonly type: string; readonly pod: ApiPod }[] = [];
  const watchers = new Set<Watcher>();
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerSocket>();
  const logs = new Set<ServerResponse>();
  const asked: string[] = [];
  let version = 100;
  let oldest = 0;
  let down = false;
  let usage: object | undefined;
  let refused: { readonly pattern: RegExp; readonly status: number } | undefined;

  const changed = (type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: ApiPod): ApiPod => {
    version += 1;
    const one = { ...pod, kind: 'Pod', metadata: { ...pod.metadata, resourceVersion: String(version) } };
    history.push({ version, type, pod: one });
    const line = `${JSON.stringify({ type, object: one })}\n`;
    for (const { response, selects } of watchers) if (selects(one)) response.write(line);
    return one;
  };
  const kubelet = {
    changed,
    removed: (uid: string) => {
      for (const [name, life] of lives) if (life.pod.metadata?.uid === uid) lives.delete(name);
    },
    event: (about: ApiPod, reason: string, message: string) => events.add(about, reason, message),
    relist,
    hasShell,
    isDown: () => down,
  };

  const watch = (query: URLSearchParams, response: ServerResponse): void => {
    const from = Number(query.get('resourceVersion') ?? 0);
    const selects = selector(query);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    if (from < oldest) {
      const object = {
        kind: 'Status',
        status: 'Failure',
        code: 410,
        reason: 'Expired',
        message: `too old resource version: ${from} (${oldest})`,
      };
      return void response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    }
    for (const { type, pod, version: of } of history)
      if (of > from && selects(pod)) response.write(`${JSON.stringify({ type, object: pod })}\n`);
    const watcher = { response, selects };
    watchers.add(watcher);
    response.once('close', () => watchers.delete(watcher));
  };

  const list = (query: URLSearchParams, response: ServerResponse): void => {
    const selects = selector(query);
    const all = [...lives.values()].map(({ pod }) => pod).filter(selects);
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? all.length) || all.length;
    const more = from + limit < all.length ? String(from + limit) : '';
    json(response, 200, {
      kind: 'PodList',
      metadata: { resourceVersion: String(version), continue: more },
      items: all.slice(from, from + limit),
    });
  };

  const onePod = async (request: IncomingMessage, name: string, response: ServerResponse): Promise<void> => {
    const life = lives.get(name);
    if (life === undefined) return problem(response, 404, 'NotFound', `pods "${name}" not found`);
    if (request.method === 'GET') return json(response, 200, life.pod);
    const body = await bodyOf(request);
    if (request.method === 'PATCH') {
      const metadata = { ...life.pod.metadata, ...(body['metadata'] as object) };
      life.pod = changed('MODIFIED', { ...life.pod, metadata });
      return json(response, 200, life.pod);
    }
    const uid = (body['preconditions'] as { readonly uid?: string } | undefined)?.uid;
    if (uid !== undefined && uid !== life.pod.metadata?.uid)
      return problem(response, 409, 'Conflict', `the UID in the precondition (${uid}) does not match`);
    life.delete(body['gracePeriodSeconds'] as number | undefined);
    json(response, 200, life.pod);
  };

  const create = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pod = (await bodyOf(request)) as ApiPod;
    const name = pod.metadata?.name ?? '';
    if (lives.has(name)) return problem(response, 409, 'AlreadyExists', `pods "${name}" already exists`);
    if (!pod.spec?.containers?.every(({ image }) => image))
      return problem(response, 422, 'Invalid', `Pod "${name}" is invalid`, [
        { field: 'spec.containers[0].image', message: 'Required value' },
      ]);
    const life = startPod(pod, kubelet);
    lives.set(name, life);
    json(response, 201, life.pod);
  };

  const log = async (name: string, query: URLSearchParams, response: ServerResponse): Promise<void> => {
    const life = lives.get(name);
    if (life === undefined) return problem(response, 404, 'NotFound', `pods "${name}" not found`);
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.flushHeaders();
    logs.add(response);
    const isCut = (): boolean => response.destroyed || response.writableEnded;
    const since = query.get('sinceTime') ?? undefined;
    const lines = life.log.read(
      since,
      query.has('follow'),
      query.has('timestamps'),
      query.has('previous'),
      isCut,
      query.has('tailLines') ? Number(query.get('tailLines')) : undefined,
    );
    for await (const bytes of lines) {
      if (isCut()) break;
      if (!response.write(bytes))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
    logs.delete(response);
    response.end();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://stand-in');
    const [, name, part] = /\/pods(?:\/([^/]+))?(?:\/(\w+))?$/.exec(url.pathname) ?? [];
    const { searchParams: query } = url;
    if (url.pathname.startsWith('/apis/metrics.k8s.io/') && usage !== undefined) {
      const containers = lives.get(name ?? '')?.pod.spec?.containers ?? [];
      const timestamp = new Date().toISOString();
      return json(response, 200, {
        timestamp,
        containers: containers.map((each) => ({ name: each.name, usage })),
      });
    }
    if (url.pathname.startsWith('/apis/'))
      return problem(response, 404, 'NotFound', 'the server could not find the requested resource');
    if (url.pathname.endsWith('/events')) return events.answer(query, response);
    if (name === undefined && request.method === 'POST') return create(request, response);
    if (name === undefined) return query.has('watch') ? watch(query, response) : list(query, response);
    if (part === undefined) return onePod(request, name, response);
    if (part === 'log') return log(name, query, response);
    problem(response, 404, 'NotFound', 'the server could not find the requested resource');
  };

  const note = ({ method, url = '' }: IncomingMessage): number | undefined => {
    asked.push(`${method} ${url}`);
    return refused?.pattern.test(`${method} ${url}`) ? refused.status : undefined;
  };
  const server = createServer((request, response) => {
    const status = note(request);
    if (status !== undefined) return problem(response, status, reasons[status] ?? '', 'refused by the spec');
    answer(request, response).catch((error) => {
      if (!response.headersSent) problem(response, 500, 'InternalError', String(error));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const status = note(request);
    const url = new URL(request.url ?? '', 'http://stand-in');
    const [, name = '', kind = ''] = /\/pods\/([^/]+)\/(exec|attach)$/.exec(url.pathname) ?? [];
    const life = lives.get(name);
    // Measured of a kubelet 1.20: its routes for streams name no type.
    if (!/\*\/\*/.test(request.headers.accept ?? '*/*'))
      return refuseUpgrade(socket, 406, '406: Not Acceptable');
    if (status !== undefined)
      return refuseUpgrade(socket, status, statusBody(status, reasons[status] ?? '', 'refused by the spec'));
    if (life === undefined)
      return refuseUpgrade(socket, 404, statusBody(404, 'NotFound', `pods "${name}" not found`));
    if (life.container() === undefined)
      return refuseUpgrade(socket, 500, `container not found ("${url.searchParams.get('container')}")`);
    const accepted = acceptSocket(socket, request.headers, protocols);
    if (accepted === undefined) return;
    sessions.add(accepted);
    socket.once('close', () => sessions.delete(accepted));
    void execSession(life, kind as 'exec' | 'attach', url.searchParams, accepted, hasShell);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pod = (name: string): PodLife => {
    const life = lives.get(name);
    if (life === undefined) throw new Error(`there is no pod ${name}`);
    return life;
  };

  return {
    server: `http://127.0.0.1:${port}`,
    namespace: 'default',
    image: 'busybox',
    isReal: false,
    speaksV5: protocols === undefined || protocols.includes('v5.channel.k8s.io'),
    troubleTime: 1_000,
    asked,
    pods: lives,
    pod,
    podNames: () => Promise.resolve([...lives.keys()]),
    podDocument: async (name) => pod(name).pod,
    deleteElsewhere: async (name, grace) => pod(name).delete(grace),
    expireWatches: () => {
      version += 1;
      oldest = version;
      for (const { response } of watchers) response.end();
    },
    cutWatches: () => {
      for (const { response } of watchers) response.destroy();
    },
    cutExecs: () => {
      for (const session of sessions) session.cut();
    },
    restartContainerd: () => {
      for (const session of [...sessions]) {
        if (session.protocol !== 'v5.channel.k8s.io') session.cut();
        else {
          void session.send(3, Buffer.from('{"metadata":{},"status":"Success"}'));
          session.close(1000);
        }
      }
    },
    measure: (given) => {
      usage = given;
    },
    cutLogs: () => {
      for (const response of logs) response.destroy();
      for (const life of lives.values()) life.log.wake();
    },
    refuse: (pattern, status = 500) => {
      refused = pattern && { pattern, status };
    },
    kubeletDown: (isDown) => {
      down = isDown;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await Promise.all([...lives.values()].map((life) => life.dispose()));
      await closed;
    },
  };
};

const reasons: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  401: 'Unauthorized',
  429: 'TooManyRequests',
};

const selector = (query: URLSearchParams): ((pod: ApiPod) => boolean) => {
  const labels = (query.get('labelSelector') ?? '')
    .split(',')
    .filter(Boolean)
    .map((each) => each.split('='));
  const name = /metadata\.name=(.+)/.exec(query.get('fieldSelector') ?? '')?.[1];
  return ({ metadata = {} }) =>
    labels.every(([key = '', value]) => metadata.labels?.[key] === value) &&
    (name === undefined || metadata.name === name);
};

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));

const statusBody = (code: number, reason: string, message: string, causes?: readonly object[]): string =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message,
    reason,
    code,
    ...(causes && { details: { causes } }),
  });

const problem = (
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
  causes?: readonly object[],
): void =>
  void response
    .writeHead(code, { 'Content-Type': 'application/json' })
    .end(statusBody(code, reason, message, causes));

const refuseUpgrade = (socket: Socket, status: number, body: string): void =>
  void socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: ${body.startsWith('{') ? 'application/json' : 'text/plain'}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? {} : JSON.parse(text);
};
