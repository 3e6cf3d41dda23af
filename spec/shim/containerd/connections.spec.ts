/** What reaches a shim's socket that containerd would not send: it says so where it can, and goes on serving the others. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { StateRequest, Status } from '../../../src/shim/messages/index.js';
import { Request, Response } from '../../../src/shim/ttrpc/generated/ttrpc.js';
import { frameReader } from '../../../src/shim/ttrpc/index.js';
import { dial } from '../../support/containerd/address.js';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import type { ShimContainer } from '../../support/containerd/shim-container.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

const frame = (stream: number, payload: Uint8Array, length = payload.length): Buffer => {
  const header = Buffer.alloc(10);
  header.writeUInt32BE(length, 0);
  header.writeUInt32BE(stream, 4);
  header[8] = 1;
  return Buffer.concat([header, payload]);
};

const stateCall = (id: string): Uint8Array =>
  Request.encode(
    Request.create({
      service: 'containerd.task.v2.Task',
      method: 'State',
      payload: StateRequest.encode({ id, execId: '' }).finish(),
    }),
  ).finish();

/** A peer that says what it likes, and hears the codes of the answers by stream. */
const peer = async (container: ShimContainer) => {
  const socket: Socket = dial(container.address);
  const codes = new Map<number, number>();
  let closed = false;
  const reader = frameReader({
    frame: ({ stream, payload }) => codes.set(stream, Response.decode(payload).status?.code ?? 0),
    oversize: () => undefined,
  });
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return { socket, codes, isClosed: () => closed };
};

describeContainers('the socket of a shim', () => {
  const host = useShimHost();
  const starting = async (): Promise<ShimContainer> => {
    const container = await host().container(sleeping);
    await container.run();
    return container;
  };
  const stillServes = async ({ id, task }: ShimContainer): Promise<void> => {
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
  };

  it('answers a frame that is too large with a refusal, and the next on the same connection as ever', async () => {
    const container = await starting();
    const { socket, codes } = await peer(container);
    const large = Buffer.alloc(4 * 1024 * 1024 + 1);
    socket.write(frame(1, large));
    socket.write(frame(3, stateCall(container.id)));
    await until(() => codes.size === 2);
    expect([codes.get(1), codes.get(3)]).toEqual([8, 0]);
    socket.destroy();
    await stillServes(container);
  });

  it('bears rubbish, frames that are cut off, and peers that leave in the middle', async () => {
    const container = await starting();
    const cut = await peer(container);
    cut.socket.write(frame(1, stateCall(container.id)).subarray(0, 13));
    cut.socket.destroy();
    const rubbish = await peer(container);
    rubbish.socket.write(frame(1, Buffer.from('\xff\xfe this is no request \x00', 'latin1')));
    rubbish.socket.write('GET / HTTP/1.1\r\n\r\n'.repeat(10));
    await stillServes(container);
    const waiting = await peer(container);
    const payload = StateRequest.encode({ id: container.id, execId: '' }).finish();
    const wait = Request.create({ service: 'containerd.task.v2.Task', method: 'Wait', payload });
    waiting.socket.write(frame(1, Request.encode(wait).finish()));
    waiting.socket.destroy();
    rubbish.socket.destroy();
    await stillServes(container);
  });

  it('serves a hundred connections at once', async () => {
    const container = await starting();
    const peers = await Promise.all(Array.from({ length: 100 }, () => peer(container)));
    for (const { socket } of peers) socket.write(frame(1, stateCall(container.id)));
    await until(() => peers.every(({ codes }) => codes.get(1) === 0));
    for (const { socket } of peers) socket.destroy();
    await stillServes(container);
  });

  it('serves others while one asks and asks and never reads an answer', async () => {
    const container = await starting();
    const { socket } = await peer(container);
    socket.pause();
    const call = stateCall(container.id);
    for (let index = 0; index < 20_000; index += 1) socket.write(frame(2 * index + 1, call));
    await stillServes(container);
    const io = container.streams('e');
    await container.exec('e', shell('echo served'), io.paths);
    expect(await io.stdout()).toBe('served\n');
    socket.destroy();
    await stillServes(container);
  });

  it('is for its own user alone', async () => {
    const container = await starting();
    const path = container.address.replace('unix://', '');
    expect(statSync(path).mode & 0o077).toBe(0);
    const script = `require('node:net').connect(${JSON.stringify(path)}).on('error', (e) => console.log(e.code)).on('connect', () => console.log('in'))`;
    const said = execFileSync(
      'setpriv',
      ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script],
      {
        encoding: 'utf8',
      },
    );
    expect(said.trim()).toBe('EACCES');
    await stillServes(container);
  });

  itIsBetter('limits its queued answers when they are not read', async () => {
    const container = await starting();
    const shim = await container.shimPid();
    const resident = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(execFileSync('cat', [`/proc/${shim}/status`], { encoding: 'utf8' }))?.[1]);
    const before = resident();
    const socket = connect(container.address.replace('unix://', ''));
    socket.pause();
    const call = stateCall(container.id);
    let written = 0;
    // Until the socket takes no more, or as much as would fill a machine if it were kept.
    while (
      written < 50_000 &&
      socket.write(Buffer.concat(Array.from({ length: 100 }, (_, i) => frame(2 * (written + i) + 1, call))))
    )
      written += 100;
    await stillServes(container);
    expect(resident() - before).toBeLessThan(64 * 1024);
    socket.destroy();
  });
});
