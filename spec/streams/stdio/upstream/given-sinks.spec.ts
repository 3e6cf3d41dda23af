import { PassThrough, Writable } from 'node:stream';
import { TransformStream, WritableStream } from 'node:stream/web';
import { describe, expect, it } from '@jest/globals';
import { isPending, turns } from '../../../hcs/native/on-linux.js';
import { all, done, open, withUpstream, write } from './on-upstream.js';

const end = async (sink: { end?(): unknown } | undefined): Promise<void> => void (await sink?.end?.());

describe('writable streams of Node', () => {
  it('get what was written, which the writer may then overwrite, and are ended with it', async () => {
    const stream = new PassThrough();
    await withUpstream({ stdout: stream }, async ({ stdout }) => {
      const chunk = Buffer.from('one ');
      await stdout!.write(chunk);
      chunk.fill('!');
      await write(stdout, 'two');
      await end(stdout);
    });
    expect(await all(stream)).toBe('one two');
  });

  it('slow the writer as their own backpressure does', () => {
    const stream = new PassThrough({ highWaterMark: 1024 });
    return withUpstream({ stdout: stream }, async ({ stdout }) => {
      const pending = (async () => {
        for (let count = 0; count < 3; count++) await stdout!.write(Buffer.alloc(1024));
      })();
      expect(await isPending(pending)).toBe(true);
      expect(stream.readableLength + stream.writableLength).toBeLessThanOrEqual(3 * 1024);
      stream.resume();
      await pending;
    });
  });

  it('that fail say so to the write that is pending, and without one', () => {
    const stream = new Writable({ write: (_chunk, _encoding, callback) => callback(new Error('disk full')) });
    return withUpstream({ stdout: stream }, async ({ stdout }) => {
      const closed = expect(stdout!.closed).rejects.toThrow('disk full');
      await expect(write(stdout, 'lost')).rejects.toThrow('disk full');
      await closed;
    });
  });

  it('that are destroyed have left', () => {
    const stream = new PassThrough();
    return withUpstream({ stdout: stream }, async ({ stdout }) => {
      stream.destroy();
      await stdout!.closed;
      await expect(write(stdout, 'late')).rejects.toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    });
  });

  it('are ended once both outputs have been, where they are given for both', async () => {
    const stream = new PassThrough();
    await withUpstream({ stdout: stream, stderr: stream }, async ({ stdout, stderr }) => {
      await write(stdout, 'out ');
      await end(stdout);
      await write(stderr, 'err');
      await end(stderr);
    });
    expect(await all(stream)).toBe('out err');
  });

  it('are through when what is behind them has taken all of it', () => {
    let flush: () => void = () => undefined;
    const stream = new Writable({
      write: (_chunk, _encoding, callback) => callback(),
      final: (callback) => (flush = callback),
    });
    return withUpstream({ stdout: stream }, async ({ stdout }) => {
      const ended = end(stdout);
      expect(await isPending(ended)).toBe(true);
      flush();
      await ended;
    });
  });

  it('end with an error where the output was cut, and need no listener for it', async () => {
    const stream = new PassThrough();
    const upstream = await open({ stdout: stream });
    await write(upstream.stdout, 'begun');
    const read = all(stream);
    await done(upstream.close());
    await expect(read).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await turns();
  });

  it("that are this program's own are neither ended nor left with a listener", async () => {
    const before = ['error', 'close'].map((event) => process.stderr.listenerCount(event));
    await withUpstream({ stderr: process.stderr }, async ({ stderr }) => end(stderr));
    await done((await open({ stderr: process.stderr })).close());
    expect(['error', 'close'].map((event) => process.stderr.listenerCount(event))).toEqual(before);
    expect([process.stderr.writableEnded, process.stderr.destroyed]).toEqual([false, false]);
  });
});

describe('writable streams of the web', () => {
  it('get what was written, and are closed with it', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const read = all(readable);
    await withUpstream({ stdout: writable }, async ({ stdout }) => {
      await write(stdout, 'one ');
      await write(stdout, 'two');
      await end(stdout);
    });
    expect(await read).toBe('one two');
    expect(writable.locked).toBe(false);
  });

  it('slow the writer as their own backpressure does', () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    return withUpstream({ stdout: writable }, async ({ stdout }) => {
      const pending = write(stdout, 'held up');
      expect(await isPending(pending)).toBe(true);
      await readable.getReader().read();
      await pending;
    });
  });

  it('that fail say so', () => {
    const stream = new WritableStream({ write: () => Promise.reject(new Error('quota')) });
    return withUpstream({ stdout: stream }, async ({ stdout }) => {
      const closed = expect(stdout!.closed).rejects.toThrow('quota');
      await expect(write(stdout, 'lost')).rejects.toThrow('quota');
      await closed;
    });
  });

  it('are aborted where the output was cut', async () => {
    let reason: unknown;
    const stream = new WritableStream({
      abort: (error) => {
        reason = error;
      },
    });
    const upstream = await open({ stdout: stream });
    await write(upstream.stdout, 'begun');
    await done(upstream.close());
    await turns();
    expect(reason).toMatchObject({ kind: 'failedPrecondition' });
  });
});

it('a sink of the caller hears of the end of the output', async () => {
  const received: string[] = [];
  const sink = {
    write: async (chunk: Uint8Array) => void received.push(String(chunk)),
    end: () => void received.push('end'),
  };
  await withUpstream({ stdout: sink, stderr: sink }, async ({ stdout, stderr }) => {
    await write(stdout, 'out');
    await end(stdout);
    await end(stderr);
  });
  expect(received).toEqual(['out', 'end']);
});
