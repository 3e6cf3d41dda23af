import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asyncScheduler } from 'rxjs';
import { type EventQueue, eventQueue } from '../../../src/shim/events/event-queue.js';
import { forwarder } from '../../../src/shim/events/forward.js';
import {
  Empty,
  type Envelope,
  EventsDefinition,
  TaskExit,
  unpack,
} from '../../../src/shim/messages/index.js';
import { service, TtrpcError, type TtrpcServer, ttrpcServer } from '../../../src/shim/ttrpc/index.js';
import { taskEvent } from '../../../src/streams/events.js';

interface Containerd {
  readonly received: Envelope[];
  readonly namespaces: string[];
  stop(): Promise<void>;
}

let folder = '';
let path = '';
const running = new Set<Containerd>();
let queue: EventQueue;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rxshim-events-'));
  path = join(folder, 'containerd.ttrpc');
  queue = eventQueue(
    forwarder(() => connect(path), 'k8s.io'),
    asyncScheduler,
    undefined,
  );
});

afterEach(async () => {
  await queue.close(0);
  await Promise.all([...running].map((each) => each.stop()));
  await rm(folder, { recursive: true });
});

/** As much of containerd as hears of events. */
const containerd = async (answer: (received: number) => void = () => undefined): Promise<Containerd> => {
  const received: Envelope[] = [];
  const namespaces: string[] = [];
  const server: TtrpcServer = ttrpcServer({
    services: [
      service(EventsDefinition, {
        forward: async ({ envelope }, { metadata }) => {
          namespaces.push(...(metadata.get('containerd-namespace-ttrpc') ?? []));
          if (envelope !== undefined) received.push(envelope);
          answer(received.length);
          return Empty.create();
        },
      }),
    ],
  });
  const listener: Server = createServer();
  await new Promise<void>((resolve) => listener.listen(path, resolve));
  server.listen(listener);
  const started: Containerd = {
    received,
    namespaces,
    stop: async () => {
      running.delete(started);
      await server.close({ within: 0 });
      rmSync(path, { force: true });
    },
  };
  running.add(started);
  return started;
};

const exit = (pid: number) =>
  taskEvent('TaskExit', 'web', { id: 'web', pid, exitStatus: 3, exitedAt: new Date(1_000) });

const pids = ({ received }: Containerd): (number | undefined)[] =>
  received.map(({ event }) => unpack(TaskExit, event)?.pid);

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('the events of a daemon', () => {
  test('reach containerd in their namespace, with bare type names, in order', async () => {
    const daemon = await containerd();
    for (let pid = 1; pid <= 50; pid += 1) queue.publish(exit(pid));
    await until(() => daemon.received.length === 50);
    expect(pids(daemon)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(daemon.received[0]).toMatchObject({ namespace: 'k8s.io', topic: '/tasks/exit' });
    expect(daemon.received[0]?.event?.typeUrl).toBe('containerd.events.TaskExit');
    expect(new Set(daemon.namespaces)).toEqual(new Set(['k8s.io']));
  });

  test('wait for a containerd that is away, and come once, in order, when it is back', async () => {
    const first = await containerd();
    queue.publish(exit(1));
    await until(() => first.received.length === 1);
    await first.stop();
    for (const pid of [2, 3, 4]) queue.publish(exit(pid));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = await containerd();
    await until(() => second.received.length === 3);
    expect(pids(second)).toEqual([2, 3, 4]);
  });

  test('are retried when containerd could not take them, and nothing overtakes them', async () => {
    const daemon = await containerd((received) => {
      if (received === 1) throw new TtrpcError('unavailable', 'busy');
    });
    for (const pid of [1, 2]) queue.publish(exit(pid));
    await until(() => daemon.received.length === 3);
    expect(pids(daemon)).toEqual([1, 1, 2]);
  });

  test('are published before the queue is closed, within its timeout', async () => {
    const daemon = await containerd();
    queue.publish(exit(1));
    await queue.close(5_000);
    expect(pids(daemon)).toEqual([1]);
  });

  test('delay no exit when they are not taken', async () => {
    queue.publish(exit(1));
    await expect(queue.close(20)).resolves.toBeUndefined();
  });
});
