import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { firstValueFrom, map } from 'rxjs';
import { dialSockets, dialStdio } from '../../../../src/agent/dialer.js';
import { duplexSocket } from '../../../../src/hcs/guest/stdio/duplex-socket.js';
import type { ReceivingEnd, StdioSocket } from '../../../../src/hcs/guest/stdio/stdio-socket.js';
import { listenForStdio } from '../../../../src/hcs/guest/transport/listen-for-stdio.js';
import { listenOnce } from '../../../../src/hcs/guest/transport/listen-once.js';
import { asStdioPort } from '../../../../src/hcs/guest/transport/transport.js';
import { describeOnLinux } from '../../native/on-linux.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-spec-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Pair {
  readonly host: StdioSocket;
  readonly agent: StdioSocket;
}

const path = (): string => join(folder, 'v_5');

/** Both sides by native calls. */
const byDescriptors = async (): Promise<Pair> => {
  const port = await firstValueFrom(listenForStdio(path()));
  const agent = await firstValueFrom(dialStdio(dialSockets(join(folder, 'v')), 5));
  port.accept();
  return { agent, host: await firstValueFrom(port.connection$) };
};

/** Both sides by node:net. */
const byDuplexes = async (): Promise<Pair> => {
  const port = asStdioPort(await firstValueFrom(listenOnce({ path: path() })));
  const agent = await firstValueFrom(dialSockets(join(folder, 'v'))(5).pipe(map(duplexSocket)));
  port.accept();
  return { agent, host: await firstValueFrom(port.connection$) };
};

const read = async (end: ReceivingEnd): Promise<Buffer> => {
  const all: Buffer[] = [];
  for await (const chunk of end) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
};

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    () => 'failed',
  );

describeOnLinux.each([
  ['descriptors', byDescriptors],
  ['Duplexes', byDuplexes],
])('a connection for the stdio of a process, by %s', (_, connect) => {
  it('passes on everything that was written before its end, more than it can hold', async () => {
    const { host, agent } = await connect();
    const sending = agent.sending();
    const sent = Buffer.alloc(3_000_000, 'abcdefg');
    const written = sending.write(sent);
    const ended = sending.end();
    expect((await read(host.receiving())).equals(sent)).toBe(true);
    await Promise.all([written, ended]);
    await sending.peerClosed();
    sending.close();
  });

  it('reports that the other side has closed only then', async () => {
    const { host, agent } = await connect();
    const sending = agent.sending();
    await sending.end();
    let closed = false;
    const peerClosed = sending.peerClosed().then(() => (closed = true));
    const receiving = host.receiving();
    expect(closed).toBe(false);
    receiving.close();
    await peerClosed;
    sending.close();
  });

  it('fails the write that the other side no longer takes, also one that waits', async () => {
    const { host, agent } = await connect();
    const sending = agent.sending();
    const waiting = outcome(sending.write(Buffer.alloc(3_000_000)));
    host.close();
    expect(await waiting).toBe('failed');
    await sending.end();
    sending.close();
  });

  it('ends a pending pull with the end of the stream when it is closed here', async () => {
    const { host, agent } = await connect();
    const receiving = host.receiving();
    const pull = read(receiving);
    receiving.close();
    expect(await pull).toHaveLength(0);
    agent.close();
  });

  it('counts what has arrived', async () => {
    const { host, agent } = await connect();
    const [receiving, sending] = [host.receiving(), agent.sending()];
    await sending.write(Buffer.from('hello'));
    const iterator = receiving[Symbol.asyncIterator]();
    expect(Buffer.from((await iterator.next()).value!).toString()).toBe('hello');
    expect(receiving.arrived()).toBe(5);
    receiving.close();
    sending.close();
  });

  it('leaves no descriptor, closed on either side at any time and more than once', async () => {
    await (await connect()).host.receiving().close();
    const before = readdirSync('/proc/self/fd').length;
    for (let turn = 0; turn < 6; turn += 1) {
      const { host, agent } = await connect();
      const [receiving, sending] = [host.receiving(), agent.sending()];
      const peer = sending.peerClosed();
      if (turn % 2 === 0) await sending.end();
      if (turn % 3 === 0) receiving.close();
      for (const end of [sending, receiving, host, agent, sending]) end.close();
      await peer;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
  });
});

describeOnLinux('a port for the stdio of a process', () => {
  it('waits for a connection that is not made yet, and takes one alone', async () => {
    const port = await firstValueFrom(listenForStdio(path()));
    port.accept();
    port.accept();
    const dial = () => firstValueFrom(dialStdio(dialSockets(join(folder, 'v')), 5));
    const agent = await dial();
    const host = await firstValueFrom(port.connection$);
    expect(readdirSync(folder)).toEqual([]);
    await expect(dial()).rejects.toMatchObject({ code: 'ENOENT' });
    host.close();
    agent.close();
    port.close();
  });

  it('is gone when it is closed, without a connection', async () => {
    const port = await firstValueFrom(listenForStdio(path()));
    port.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(await firstValueFrom(port.connection$, { defaultValue: 'none' })).toBe('none');
    port.accept();
  });

  it('is refused where another program listens', async () => {
    const server = createServer((socket: Socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(path(), resolve));
    await expect(firstValueFrom(listenForStdio(path()))).rejects.toMatchObject({ kind: 'alreadyExists' });
    await new Promise((resolve) => server.close(resolve));
  });
});
