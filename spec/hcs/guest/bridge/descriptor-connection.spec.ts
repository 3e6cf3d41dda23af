import { closeSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { firstValueFrom, type Observable } from 'rxjs';
import { dialBridge, dialSockets } from '../../../../src/agent/dialer.js';
import type { BridgeConnection } from '../../../../src/hcs/guest/bridge/connection.js';
import { descriptorConnection } from '../../../../src/hcs/guest/bridge/descriptor-connection.js';
import { bridgePort } from '../../../../src/hcs/guest/protocol/constants.js';
import { vsockSockets } from '../../../../src/hcs/guest/transport/vsock-sockets.js';
import { acceptFrom, connectTo, listenAt } from '../../../../src/hcs/native/socket/unix-socket.js';
import { describeOnLinux } from '../../native/on-linux.js';

let folder = '';
const open: BridgeConnection[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-spec-'));
});

afterEach(() => {
  for (const one of open.splice(0)) one.close();
  rmSync(folder, { recursive: true, force: true });
});

const pair = (): readonly [BridgeConnection, BridgeConnection] => {
  const listener = listenAt(join(folder, 's'), 1);
  const one = descriptorConnection(connectTo(join(folder, 's')));
  const other = descriptorConnection(acceptFrom(listener) as number);
  closeSync(listener);
  open.push(one, other);
  return [one, other];
};

interface Read {
  readonly bytes: Buffer;
  readonly error?: unknown;
}

/** Everything, until the end or a failure. */
const all = (received$: Observable<Uint8Array>): Promise<Read> =>
  new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    received$.subscribe({
      next: (chunk) => chunks.push(chunk),
      error: (error) => resolve({ bytes: Buffer.concat(chunks), error }),
      complete: () => resolve({ bytes: Buffer.concat(chunks) }),
    });
  });

/** The first bytes. */
const received = async (connection: BridgeConnection): Promise<string> =>
  Buffer.from(await firstValueFrom(connection.received$)).toString();

describeOnLinux('a bridge connection over a descriptor', () => {
  it('carries bytes in both directions at once, in order, also more than the socket can hold', async () => {
    const [one, other] = pair();
    const parts = Array.from({ length: 400 }, (_, index) => Buffer.alloc(9_000 + index, index));
    const whole = Buffer.concat(parts);
    const [atOne, atOther] = [one, other].map(
      ({ received$ }) =>
        new Promise<Buffer>((resolve) => {
          const chunks: Uint8Array[] = [];
          let length = 0;
          received$.subscribe((chunk) => {
            chunks.push(chunk);
            length += chunk.length;
            if (length >= whole.length) resolve(Buffer.concat(chunks));
          });
        }),
    );
    for (const part of parts) {
      one.send(part);
      other.send(part);
    }
    expect((await atOther!).equals(whole)).toBe(true);
    expect((await atOne!).equals(whole)).toBe(true);
  });

  it('completes when the other side has closed, after everything that it has sent', async () => {
    const [one, other] = pair();
    one.send(Buffer.from('last'));
    one.close();
    const read = await all(other.received$);
    expect({ text: read.bytes.toString(), error: read.error }).toEqual({ text: 'last', error: undefined });
  });

  it('completes when it is closed here, and sends nothing then', async () => {
    const [one, other] = pair();
    const reading = all(one.received$);
    one.close();
    one.close();
    one.send(Buffer.from('late'));
    expect((await reading).error).toBeUndefined();
    expect((await all(other.received$)).bytes).toHaveLength(0);
    expect((await all(one.received$)).bytes).toHaveLength(0);
  });

  it('fails, and not the call that sends, when the other side takes nothing any more', async () => {
    const [one, other] = pair();
    const reading = all(one.received$);
    other.close();
    one.send(Buffer.from('to none'));
    expect(await reading).toMatchObject({ error: { code: 'EPIPE', syscall: 'write' } });
  });

  it('leaves the bytes of a chunk alone when the next one is read', async () => {
    const [one, other] = pair();
    const chunks: Uint8Array[] = [];
    const second = new Promise<void>((resolve) => {
      other.received$.subscribe((chunk) => {
        chunks.push(chunk);
        if (chunks.length === 1) one.send(Buffer.from('two'));
        else resolve();
      });
    });
    one.send(Buffer.from('one'));
    await second;
    expect(chunks.map((chunk) => Buffer.from(chunk).toString())).toEqual(['one', 'two']);
  });
});

describeOnLinux('the socket of a bridge', () => {
  it('takes one connection and is gone then', async () => {
    const path = join(folder, 'v');
    const waiting = firstValueFrom(vsockSockets(path).openBridge());
    const agent = await firstValueFrom(dialBridge(dialSockets(path)));
    const host = await waiting;
    open.push(agent, host);
    agent.send(Buffer.from('hello'));
    expect(await received(host)).toBe('hello');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('replaces one whose owner has died', async () => {
    const path = join(folder, 'v');
    closeSync(listenAt(`${path}_${bridgePort}`, 1));
    const waiting = firstValueFrom(vsockSockets(path).openBridge());
    open.push(await firstValueFrom(dialBridge(dialSockets(path))), await waiting);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is gone when nothing waits for it any more', () => {
    const waiting = vsockSockets(join(folder, 'v')).openBridge().subscribe();
    expect(readdirSync(folder)).toEqual([`v_${bridgePort}`]);
    waiting.unsubscribe();
    expect(readdirSync(folder)).toEqual([]);
  });
});
