/** The connection whose output is read directly, beside a server of this process. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DirectSocket } from '../../../src/hcs/docker/api/direct-socket.js';
import { outputOf } from '../../../src/hcs/docker/stdio/output.js';

(process.platform === 'win32' ? describe.skip : describe)('a connection that is read directly', () => {
  const folder = mkdtempSync(join(tmpdir(), 'direct-'));
  const path = join(folder, 's');
  let server: Server;
  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true });
    server.listen(path);
    await once(server, 'listening');
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const connected = async (): Promise<{ ours: DirectSocket; theirs: Socket }> => {
    const accepted = once(server, 'connection');
    const ours = new DirectSocket(path);
    const [theirs] = (await accepted) as [Socket];
    return { ours, theirs };
  };

  test('has what came before it is read directly, and after, and its end', async () => {
    const { ours, theirs } = await connected();
    theirs.write('one ');
    await once(ours, 'readable');
    theirs.write('two ');
    let text = '';
    ours.readDirectly((bytes) => {
      text += Buffer.from(bytes).toString();
      return true;
    });
    theirs.end('three');
    await once(ours, 'end');
    expect(text).toBe('one two three');
    ours.destroy();
  });

  test('says its end also if it came before anything was read', async () => {
    const { ours, theirs } = await connected();
    theirs.end();
    await once(theirs, 'finish');
    await new Promise((resolve) => setImmediate(resolve));
    ours.readDirectly(() => true);
    await once(ours, 'end');
    ours.destroy();
  });

  test('reads nothing more after a reader has stopped it, until it reads on', async () => {
    const { ours, theirs } = await connected();
    let length = 0;
    ours.readDirectly((bytes) => {
      length += bytes.length;
      return false;
    });
    const sent = new Uint8Array(4 * 2 ** 20);
    theirs.end(sent);
    // More than the kernel holds is on its way: what is not read stays there.
    while (length === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = length;
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(length).toBe(stopped);
    const ended = once(ours, 'end');
    const reading = setInterval(() => ours.readOn(), 0);
    await ended;
    clearInterval(reading);
    expect(length).toBe(sent.length);
    ours.destroy();
  });

  test('half-closes after what was written, and still receives', async () => {
    const { ours, theirs } = await connected();
    ours.readDirectly(() => true);
    let got = '';
    theirs.setEncoding('utf8').on('data', (text) => (got += text));
    ours.write('typed');
    ours.end();
    await once(theirs, 'end');
    expect(got).toBe('typed');
    theirs.end('late');
    await once(ours, 'end');
    ours.destroy();
  });

  test('fails as a socket does where nothing listens', async () => {
    const [error] = await once(new DirectSocket(join(folder, 'none')), 'error');
    expect(error).toMatchObject({ code: 'ENOENT' });
  });

  test('brings a framed output to two readers whole, though all connections share one buffer', async () => {
    const frames = (byte: number) =>
      Array.from({ length: 400 }, (_, at) => {
        const payload = new Uint8Array(1 + ((at * 7_919) % 30_000)).fill(byte + (at % 2));
        const header = Buffer.from([1 + (at % 2), 0, 0, 0, 0, 0, 0, 0]);
        header.writeUInt32BE(payload.length, 4);
        return Buffer.concat([header, payload]);
      });
    const pairs = [await connected(), await connected(), await connected()];
    const counts = await Promise.all(
      pairs.map(async ({ ours, theirs }, index) => {
        const byte = 10 * (index + 1);
        const output = outputOf(true);
        output.connect({ stream: ours }, ({ error }) => output.finish(error));
        theirs.end(Buffer.concat(frames(byte)));
        const read = async (source: AsyncIterable<Uint8Array>, expected: number) => {
          let count = 0;
          for await (const chunk of source) {
            // The chunk must be unchanged also after others were received.
            await new Promise((resolve) => setImmediate(resolve));
            if (!chunk.every((found) => found === expected)) throw new Error('other bytes');
            count += chunk.length;
          }
          return count;
        };
        return Promise.all([read(output.stdout, byte), read(output.stderr, byte + 1)]);
      }),
    );
    const lengths = frames(0).map(({ length }) => length - 8);
    const sum = (rest: number) =>
      lengths.reduce((all, length, at) => all + (at % 2 === rest ? length : 0), 0);
    expect(counts).toEqual([10, 20, 30].map(() => [sum(0), sum(1)]));
  });
});

describe('the kept tail of an output', () => {
  test('is not changed by what is received later', async () => {
    const { tailOf } = await import('../../../src/hcs/docker/stdio/rejoin.js');
    const tail = tailOf();
    const all: number[] = [];
    const shared = new Uint8Array(100_000);
    for (const length of [3, 1_000, 60_000, 5_000, 100_000, 7, 65_536, 65_535, 30_000, 40_000]) {
      const piece = shared.subarray(0, length);
      piece.forEach((_, at) => {
        piece[at] = (all.length + at) % 251;
      });
      all.push(...piece);
      tail.push(piece);
      shared.fill(0);
      expect(Buffer.from(tail.bytes()).equals(Buffer.from(all.slice(-65_536)))).toBe(true);
    }
  });
});
