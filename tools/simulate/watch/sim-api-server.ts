/** An API server that has pods and a watch, as far as it is recorded: versions, replay, 410 within a 200, faults. */
import type { IncomingMessage } from 'node:http';
import type { ApiRequest } from '../../../src/hcs/kubernetes/api/api-request.js';
import type { ApiPod } from '../../../src/hcs/kubernetes/pods/api-pod.js';
import type { Random } from '../../../src/testing/simulate/random.js';
import type { watchFaults } from './scenario.js';
import type { VirtualTimers } from './virtual-timers.js';

interface Logged {
  readonly version: number;
  readonly line: string;
  readonly pod: ApiPod;
}

export interface SimServer {
  answer(request: ApiRequest, signal: AbortSignal | undefined): Promise<IncomingMessage>;
  /** A change of a pod, which everyone who watches gets. */
  publish(type: 'ADDED' | 'MODIFIED' | 'DELETED', pod: ApiPod): void;
  fault(does: (typeof watchFaults)[number], ms: number): void;
  heal(): void;
  /** When a watch was answered last. */
  readonly lastHead: () => number;
  /** The times of all requests. */
  readonly requests: readonly number[];
  readonly open: () => number;
}

export const simServer = (
  timers: VirtualTimers,
  random: Random,
  /** A client has read a pod: of a list or of a watch. */
  seen: (pod: ApiPod, isList: boolean, names: ReadonlySet<string>) => void,
): SimServer => {
  const pods = new Map<string, ApiPod>();
  const log: Logged[] = [];
  const connections = new Set<Connection>();
  const requests: number[] = [];
  let version = 1;
  let oldest = 0;
  let down: 'refuse' | 'fail' | undefined;
  let lastHead = 0;

  const list = (): IncomingMessage => {
    const items = [...pods.values()];
    const names = new Set(items.map(({ metadata }) => metadata?.uid ?? ''));
    for (const pod of items) seen(pod, true, names);
    if (items.length === 0) seen({}, true, names);
    return bodyOf(200, { metadata: { resourceVersion: String(version) }, items });
  };
  const watch = (from: number, signal: AbortSignal | undefined): IncomingMessage => {
    lastHead = timers.now();
    const connection = connect(timers, random, (pod) => seen(pod, false, none));
    if (from < oldest) {
      connection.push(
        `${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`,
        undefined,
      );
      connection.end();
      return connection.response;
    }
    connections.add(connection);
    signal?.addEventListener('abort', () => {
      connections.delete(connection);
      connection.abort();
    });
    for (const { version: at, line, pod } of log) if (at > from) connection.push(line, pod);
    return connection.response;
  };
  const closeAll = (close: (connection: Connection) => void): void => {
    for (const connection of connections) close(connection);
    connections.clear();
  };

  return {
    requests,
    lastHead: () => lastHead,
    open: () => connections.size,
    answer: async ({ query = [], what }, signal) => {
      requests.push(timers.now());
      await Promise.resolve();
      if (down === 'refuse')
        throw Object.assign(new Error(`${what}: connect ECONNREFUSED`), { code: 'ECONNREFUSED' });
      if (down === 'fail') return bodyOf(500, { kind: 'Status', code: 500, message: 'etcd is not there' });
      const asked = new Map(query.map(([name, value]) => [name, value] as const));
      return asked.has('watch') ? watch(Number(asked.get('resourceVersion')), signal) : list();
    },
    publish: (type, pod) => {
      version += 1;
      const published = { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } };
      const uid = pod.metadata?.uid ?? '';
      if (type === 'DELETED') pods.delete(uid);
      else pods.set(uid, published);
      const line = `${JSON.stringify({ type, object: published })}\n`;
      log.push({ version, line, pod: published });
      for (const connection of connections) connection.push(line, published);
    },
    fault: (does, ms) => {
      switch (does) {
        case 'cut':
          return closeAll((connection) => connection.fail());
        case 'end':
          return closeAll((connection) => connection.end());
        case 'expireNow':
          oldest = version;
          return closeAll((connection) => connection.end());
        case 'expire':
          // A client that has read the latest version may go on with it.
          oldest = version;
          return;
        case 'repeat':
          for (const { line, pod } of log.slice(-3))
            for (const connection of connections) connection.push(line, pod);
          return;
        case 'hang':
          for (const connection of connections) connection.hang();
          return;
        case 'late':
          for (const connection of connections) connection.delay = ms;
          return;
        default:
          down = does;
          closeAll((connection) => connection.fail());
          timers.later(ms, () => {
            if (down === does) down = undefined;
          });
      }
    },
    heal: () => {
      down = undefined;
    },
  };
};

const none: ReadonlySet<string> = new Set();

const bodyOf = (statusCode: number, body: object): IncomingMessage =>
  ({
    statusCode,
    headers: {},
    complete: true,
    async *[Symbol.asyncIterator]() {
      yield Buffer.from(JSON.stringify(body));
    },
  }) as unknown as IncomingMessage;

interface Connection {
  readonly response: IncomingMessage;
  delay: number;
  push(line: string, pod: ApiPod | undefined): void;
  /** In order. */
  end(): void;
  /** Cut, perhaps within a line. */
  fail(): void;
  hang(): void;
  /** By the client. */
  abort(): void;
}

interface Piece {
  readonly bytes: Buffer;
  readonly pod: ApiPod | undefined;
  /** When it can be read: what is late stays in order. */
  readonly due: number;
}

const connect = (timers: VirtualTimers, random: Random, read: (pod: ApiPod) => void): Connection => {
  const queue: Piece[] = [];
  let over: 'ended' | 'failed' | 'aborted' | undefined;
  let isHung = false;
  let wake = (): void => undefined;
  const add = (line: string, pod: ApiPod | undefined): void => {
    if (over !== undefined || isHung) return;
    const bytes = Buffer.from(line);
    const at = 1 + random.below(bytes.length - 1);
    const due = timers.now() + connection.delay;
    queue.push(
      { bytes: bytes.subarray(0, at), pod: undefined, due },
      { bytes: bytes.subarray(at), pod, due },
    );
    wake();
  };
  const close = (how: 'ended' | 'failed'): void => {
    over ??= how;
    wake();
  };
  const pieces = async function* () {
    for (;;) {
      const wait = (queue[0]?.due ?? 0) - timers.now();
      if (over !== 'aborted' && wait > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timers.later(wait, resolve);
        });
        continue;
      }
      const piece = over === 'aborted' ? undefined : queue.shift();
      if (piece !== undefined) {
        if (piece.pod !== undefined) read(piece.pod);
        yield piece.bytes;
      } else if (over === 'failed' || over === 'aborted')
        throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
      else if (over === 'ended') return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  };
  const connection: Connection = {
    response: {
      statusCode: 200,
      headers: {},
      complete: true,
      [Symbol.asyncIterator]: pieces,
    } as unknown as IncomingMessage,
    delay: 0,
    push: add,
    end: () => close('ended'),
    fail: () => {
      // What is under way is lost with it, the half of a line included.
      if (queue.length > 0 && random.chance(0.5)) queue.length = random.below(queue.length);
      close('failed');
    },
    hang: () => {
      isHung = true;
    },
    abort: () => {
      over = 'aborted';
      wake();
    },
  };
  return connection;
};
