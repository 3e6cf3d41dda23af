/** Daemons that answer wrongly, and connections that are cut: a task fails or is lost, and never has a wrong exit. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { connect, createServer as createProxy, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { docker } from '../../../src/hcs/docker/index.js';
import { local } from '../../../src/hcs/local/index.js';
import { createTask, RxshimError, run, text } from '../../../src/index.js';
import { bundleProgram } from '../../support/bundle-program.js';
import { image } from '../../support/docker-daemons.js';
import { isFull, onEachDaemon } from './on-daemons.js';

const folder = mkdtempSync(join(tmpdir(), 'rx-rogue-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const nextSocket = (): string => join(folder, `s${count++}`);

/** A server that answers the ping like a daemon, and every other request by `answer`. */
const rogue = async (answer: (response: ServerResponse, socket: Socket) => void) => {
  const path = nextSocket();
  const server = createServer((asked, response) => {
    if (asked.url === '/_ping') return void response.writeHead(200, { 'Api-Version': '1.41' }).end('OK');
    answer(response, asked.socket);
  });
  server.on('upgrade', (__, socket) => answer(undefined as never, socket as Socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

describe('a rogue daemon', () => {
  const json = (body: unknown) => (response: ServerResponse) =>
    void response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  test.each([
    ['answers with an object that lacks every requested field', json({})],
    ['answers with an id of the wrong type', json({ Id: 7 })],
    ['answers null', json(null)],
    [
      'answers what is no JSON',
      (response: ServerResponse) =>
        void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"Id":'),
    ],
    ['writes rubbish', (__: ServerResponse, socket: Socket) => void socket.end('\x00\xffrubbish\r\n\r\n')],
    ['closes at once', (__: ServerResponse, socket: Socket) => void socket.destroy()],
    [
      'closes within its answer',
      (response: ServerResponse) => {
        response.writeHead(201, { 'Content-Length': 100 });
        response.write('{');
        response.socket?.destroy();
      },
    ],
  ])('that %s fails the creation with a typed error', async (__, answer) => {
    const daemon = await rogue(answer);
    const system = docker({ host: daemon.host, image: 'any', reconnectTimeout: 100 });
    await expect(createTask({ id: 'rogue', system })).rejects.toBeInstanceOf(RxshimError);
    daemon.close();
  });

  test('that never answers holds up its own task alone, which can be cancelled', async () => {
    const daemon = await rogue(() => undefined);
    const abort = new AbortController();
    const system = docker({ host: daemon.host, image: 'any' });
    const creating = createTask({ id: 'rogue', system }, { abortSignal: abort.signal });
    const failed = expect(Promise.resolve(creating)).rejects.toThrow('enough');
    abort.abort(new Error('enough'));
    await failed;
    daemon.close();
  });
});

describe('a daemon that does not answer the wait for an end', () => {
  const program = bundleProgram(new URL('close-early-host.ts', import.meta.url));

  // In a process of its own: jest hides rejections that are not handled.
  test('does not end a program that closes its system meanwhile', async () => {
    const state = { Status: 'running', Running: true, StartedAt: '2026-01-01T00:00:00Z' };
    const daemon = await rogue((response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      if (response.req.method === 'POST') response.flushHeaders();
      else response.end(JSON.stringify({ Id: 'c'.repeat(64), State: state }));
    });
    const ran = await run(local(), [process.execPath, program, daemon.host], { reject: false });
    daemon.close();
    expect(ran).toMatchObject({ stdout: 'closed', stderr: '', status: 0 });
  });
});

onEachDaemon(
  'a connection that is cut',
  ({ daemon }) => {
    /** Passes on everything, but ends the connection of this number after so many bytes of the daemon. */
    const cutting = async (victim: number, after: number) => {
      const path = nextSocket();
      const open = new Set<Socket>();
      let number = 0;
      const proxy = createProxy({ allowHalfOpen: true }, (client) => {
        const isVictim = number++ === victim;
        const server = connect({ path: daemon().socket, allowHalfOpen: true });
        for (const socket of [client, server]) {
          open.add(socket);
          socket.on('error', () => undefined).on('close', () => open.delete(socket));
        }
        client.pipe(server);
        client.on('close', () => server.destroy());
        if (!isVictim) {
          server.pipe(client);
          server.on('close', () => client.destroy());
          return;
        }
        let left = after;
        server.on('data', (chunk: Buffer) => {
          const part = chunk.subarray(0, left);
          left -= part.length;
          client.write(part, () => {
            if (left > 0) return;
            client.destroy();
            server.destroy();
          });
        });
      });
      await new Promise<void>((resolve) => proxy.listen(path, resolve));
      return {
        host: `unix://${path}`,
        close: () => {
          for (const socket of open) socket.destroy();
          proxy.close();
        },
      };
    };

    test('after some bytes never gives a wrong exit, whichever connection it is', async () => {
      const outcomes: string[] = [];
      for (const after of isFull ? [0, 40, 200] : [40])
        for (let victim = 0; victim < 7; victim += 1) {
          const proxy = await cutting(victim, after);
          const system = docker({
            host: proxy.host,
            image,
            network: 'none',
            pull: 'never',
            reconnectTimeout: 2_000,
            command: ['sh', '-c', 'echo out; exit 7'],
          });
          try {
            const task = await createTask({ id: 'cut', system, stdio: { stdout: 'pipe' } });
            await task.init.start();
            const output = text(task.init.stdout).catch(() => 'truncated');
            const { kind, status } = await task.wait();
            outcomes.push(`${kind} ${status} ${(await output).trim()}`);
            await task.delete().catch(() => undefined);
          } catch (error) {
            expect(error).toBeInstanceOf(RxshimError);
            outcomes.push('failed');
          }
          proxy.close();
        }
      // The truth, a failure, or that it is not known.
      expect(
        outcomes.filter((one) => !/^(failed|exited 7 (out|truncated)|lost 255 .*|startFailed .*)$/.test(one)),
      ).toEqual([]);
      expect(outcomes).toContain('exited 7 out');
    }, 120_000);
  },
  ['docker'],
);
