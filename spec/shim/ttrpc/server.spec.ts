import { execFileSync } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import type { Any } from '../../../src/shim/messages/index.js';
import { type CallContext, maxPayload, serviceClient, ttrpcClient } from '../../../src/shim/ttrpc/index.js';
import { TestDefinition } from './definition.js';
import {
  aWhile,
  bytesOfCall,
  bytesOfFrame,
  cleanly,
  never,
  serve,
  socketPath,
  text,
  until,
} from './harness.js';

/** A program for node, from source that imports as from the root of the project. */
const bundle = (contents: string): string => {
  const outfile = `${socketPath()}.cjs`;
  const stdin = { contents, resolveDir: process.cwd(), loader: 'ts' as const };
  buildSync({ stdin, outfile, bundle: true, platform: 'node', target: 'node20', format: 'cjs' });
  return outfile;
};

const noBytes = new Uint8Array(0);

describe('a server and what a peer does wrong', () => {
  it('answers a stream that is even or not above the last one as an invalid argument', async () => {
    const peer = await (await serve()).peer();
    for (const stream of [2, 5, 5, 3, 0, 7]) peer.call(stream, 'Echo');
    const codes: Record<string, number[]> = {};
    for (let turn = 0; turn < 6; turn += 1) {
      const { stream, code } = await peer.answer();
      codes[stream] = [...(codes[stream] ?? []), code];
    }
    expect(codes).toEqual({ 0: [3], 2: [3], 3: [3], 5: [3, 0], 7: [0] });
  });

  it.each([
    ['cut off', Buffer.from('0a05616263', 'hex')],
    ['a tag of zero', Buffer.from('0000', 'hex')],
    ['a varint without end', Buffer.alloc(16, 0xff)],
  ])('answers a request that is no protobuf (%s) as an invalid argument', async (_, bytes) => {
    const peer = await (await serve()).peer();
    peer.frame(1, 1, bytes);
    expect(await peer.answer()).toMatchObject({ stream: 1, code: 3 });
    peer.call(3, 'Echo');
    expect(await peer.answer()).toMatchObject({ stream: 3, code: 0 });
  });

  it('answers a message that is not of the method as internal', async () => {
    const peer = await (await serve()).peer();
    peer.call(1, 'Echo', { payload: Buffer.from('0a05616263', 'hex') });
    expect(await peer.answer()).toMatchObject({ stream: 1, code: 13 });
  });

  it('skips a message that is too long, says so, and goes on', async () => {
    const peer = await (await serve()).peer();
    peer.frame(1, 1, Buffer.alloc(maxPayload + 1));
    peer.call(3, 'Echo');
    expect(await peer.answer()).toMatchObject({ stream: 1, code: 8 });
    expect(await peer.answer()).toMatchObject({ stream: 3, code: 0 });
  });

  it('ignores frames of types that it does not know', async () => {
    const peer = await (await serve()).peer();
    for (const type of [0, 2, 3, 4, 255]) peer.frame(1, type, Buffer.from('whatever'));
    peer.call(3, 'Echo');
    expect(await peer.answer()).toMatchObject({ stream: 3, code: 0 });
  });

  it('holds a caller to its deadline, also one that has passed', async () => {
    const peer = await (await serve({ hold: () => never() })).peer();
    peer.call(1, 'Hold', { timeoutNano: 20_000_000n });
    expect(await peer.answer()).toMatchObject({ stream: 1, code: 4 });
    peer.call(3, 'Hold', { timeoutNano: -5n });
    expect(await peer.answer()).toMatchObject({ stream: 3, code: 4 });
  });

  it('reports the handlers when their caller is gone, and serves the others on', async () => {
    const aborted: unknown[] = [];
    let asked = 0;
    const harness = await serve({
      hold: (_, { signal }) => {
        asked += 1;
        signal.addEventListener('abort', () => aborted.push(signal.reason));
        return never();
      },
    });
    const peer = await harness.peer();
    peer.call(1, 'Hold');
    peer.call(3, 'Hold');
    await until(() => asked === 2);
    peer.socket.destroy();
    await until(() => harness.server.connections === 0);
    expect(aborted).toEqual([
      expect.objectContaining({ kind: 'canceled' }),
      expect.objectContaining({ kind: 'canceled' }),
    ]);
    const { echo } = serviceClient(harness.client(), TestDefinition);
    expect(await echo(text('still here'))).toEqual(text('still here'));
  });

  it('gives a signal that has aborted to a handler that asks too late', async () => {
    let context: CallContext | undefined;
    const harness = await serve({
      hold: (_, given) => {
        context = given;
        return never();
      },
    });
    const peer = await harness.peer();
    peer.call(1, 'Hold');
    await until(() => context !== undefined);
    peer.socket.destroy();
    await until(() => harness.server.connections === 0);
    expect(context?.signal.aborted).toBe(true);
  });

  it('refuses more calls at once than it should hold', async () => {
    const peer = await (await serve({ hold: () => never() }, { maxCalls: 2 })).peer();
    for (const stream of [1, 3, 5]) peer.call(stream, 'Hold');
    expect(await peer.answer()).toMatchObject({ stream: 5, code: 8 });
  });

  it('survives any rubbish on one connection while another is served', async () => {
    const harness = await serve();
    const { echo } = serviceClient(harness.client(), TestDefinition);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), async (chunks) => {
        const peer = await harness.peer();
        for (const chunk of chunks) peer.socket.write(chunk);
        peer.socket.end();
        expect(await echo(text('fine'))).toEqual(text('fine'));
      }),
      { seed: 5, numRuns: 50 },
    );
    await until(() => harness.server.connections === 1);
  });

  it('reads no further requests of a peer that reads no answers, and answers all in the end', async () => {
    let asked = 0;
    const harness = await serve({
      echo: async () => {
        asked += 1;
        return { typeUrl: '', value: Buffer.alloc(10_000) };
      },
    });
    const socket = connect(harness.path);
    cleanly(() => socket.destroy());
    socket.pause();
    const count = 20_000;
    socket.write(
      Buffer.concat(Array.from({ length: count }, (_, index) => bytesOfCall(1 + index * 2, 'Echo'))),
    );
    // Until it takes no more.
    for (let before = -1; asked === 0 || asked !== before; await aWhile(100)) before = asked;
    // What fits into one chunk of requests is taken, no more: about a tenth of them.
    expect(asked).toBeLessThan(count / 4);
    const { echo } = serviceClient(harness.client(), TestDefinition);
    expect((await echo(text(''))).value).toHaveLength(10_000);
    let bytes = 0;
    await new Promise<void>((resolve) => {
      socket.resume();
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes >= count * 10_000) resolve();
      });
    });
    expect(asked).toBe(count + 1);
  });
});

describe('a server and who may call', () => {
  it('reads nothing of a peer before it is admitted', async () => {
    let admit: (admitted: boolean) => void = () => {};
    let asked = 0;
    const echo = async (request: Any) => {
      asked += 1;
      return request;
    };
    const harness = await serve({ echo }, { admit: () => new Promise((resolve) => (admit = resolve)) });
    const peer = await harness.peer();
    peer.call(1, 'Echo');
    await aWhile();
    expect(asked).toBe(0);
    admit(true);
    expect(await peer.answer()).toMatchObject({ stream: 1, code: 0 });
  });

  it.each([
    ['refused', () => false],
    ['refused later', async () => false],
    [
      'whose credentials cannot be read',
      () => {
        throw new Error('no such descriptor');
      },
    ],
    [
      'whose credentials cannot be read later',
      async () => {
        throw new Error('no such descriptor');
      },
    ],
  ])('disconnects one that is %s', async (_, admit) => {
    const logged: string[] = [];
    const harness = await serve({}, { admit, log: (message) => logged.push(message) });
    const peer = await harness.peer();
    await expect(peer.answer()).rejects.toThrow('the connection ended');
    expect(logged).toHaveLength(1);
    expect(harness.server.connections).toBe(0);
  });

  it('serves a descriptor that listens already, as a daemon inherits it', async () => {
    const path = socketPath();
    const daemon = bundle(`
      import { TestDefinition } from './spec/shim/ttrpc/definition.js';
      import { service, ttrpcServer } from './src/shim/ttrpc/index.js';
      const echo = async () => ({ typeUrl: String(process.pid), value: new Uint8Array(0) });
      const methods = { echo, hold: undefined, missing: undefined };
      ttrpcServer({ services: [service(TestDefinition, methods)] }).listen({ fd: 3 });
    `);
    // It leaves without closing, which would remove the socket from its folder.
    const starter = `require('net').createServer().listen(${JSON.stringify(path)}, function () {
      const stdio = ['ignore', 'ignore', 'inherit', this._handle.fd];
      require('child_process').spawn(process.execPath, [${JSON.stringify(daemon)}], { stdio, detached: true });
      process.reallyExit(0);
    })`;
    execFileSync(process.execPath, ['-e', starter], { stdio: 'inherit' });
    const client = ttrpcClient(() => connect(path));
    cleanly(() => client.close());
    const { typeUrl: pid } = await serviceClient(client, TestDefinition).echo(text(''));
    process.kill(Number(pid));
    expect((await client.closed).kind).toBe('closed');
  });

  it('serves a socket that it is given', async () => {
    const harness = await serve();
    const path = socketPath();
    const other = createServer((socket: Socket) => harness.server.attach(socket));
    cleanly(() => other.close());
    await new Promise<void>((resolve) => other.listen(path, resolve));
    const client = ttrpcClient(() => connect(path));
    cleanly(() => client.close());
    expect(await serviceClient(client, TestDefinition).echo(text('x'))).toEqual(text('x'));
  });
});

describe('closing a server', () => {
  it('lets calls under way be answered, refuses new ones, and closes', async () => {
    let release: ((value: Any) => void) | undefined;
    const harness = await serve({ hold: () => new Promise((resolve) => (release = resolve)) });
    const idle = harness.client();
    const { hold, echo } = serviceClient(harness.client(), TestDefinition);
    await serviceClient(idle, TestDefinition).echo(text(''));
    const held = hold(text(''));
    await until(() => release !== undefined);
    const closed = harness.server.close();
    await idle.closed;
    await expect(echo(text('new'))).rejects.toMatchObject({ kind: 'unavailable' });
    release?.(text('in time'));
    expect(await held).toEqual(text('in time'));
    await closed;
    expect(harness.server.connections).toBe(0);
    expect(harness.listener.listening).toBe(false);
  });

  it('aborts what is not answered within the bound', async () => {
    let reason: unknown;
    let isHeld = false;
    const harness = await serve({
      hold: (_, { signal }) => {
        isHeld = true;
        signal.addEventListener('abort', () => (reason = signal.reason));
        return never();
      },
    });
    const held = serviceClient(harness.client(), TestDefinition).hold(text(''));
    await until(() => isHeld);
    const closed = harness.server.close({ within: 30 });
    await expect(held).rejects.toMatchObject({ kind: 'closed' });
    await closed;
    expect(reason).toMatchObject({ kind: 'canceled' });
  });

  it('can be asked for within a call, which is answered', async () => {
    let closed: Promise<void> | undefined;
    const harness = await serve({
      hold: async (request) => {
        closed = harness.server.close();
        return request;
      },
    });
    const { hold } = serviceClient(harness.client(), TestDefinition);
    expect(await hold(text('bye'))).toEqual(text('bye'));
    await closed;
  });

  it('does not wait without connections, and happens once', async () => {
    const { server } = await serve();
    const first = server.close();
    expect(server.close()).toBe(first);
    await first;
  });

  it('does not wait for a peer that never reads its answer', async () => {
    const harness = await serve({ echo: async () => ({ typeUrl: '', value: Buffer.alloc(3_000_000) }) });
    const socket = connect(harness.path);
    cleanly(() => socket.destroy());
    socket.pause();
    socket.write(Buffer.concat([bytesOfCall(1, 'Echo'), bytesOfFrame(3, 1, noBytes)]));
    await aWhile();
    await harness.server.close({ within: 30 });
    expect(harness.server.connections).toBe(0);
  });
});
