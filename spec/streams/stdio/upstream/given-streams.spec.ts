import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { ByteSink } from '../../../../src/hcs/contract/bytes.js';
import { descriptorSource, openPipe } from '../../../../src/hcs/native/index.js';
import type { StdioRequest, WebReadable } from '../../../../src/streams/stdio/upstream/stdio-request.js';
import { collect, describeOnLinux, isPending, turns } from '../../../hcs/native/on-linux.js';
import { all, directory, done, open, pull, withUpstream, write } from './on-upstream.js';

const never = new Promise<never>(() => undefined);

const readerOnly = (stream: ReadableStream): WebReadable => ({ getReader: () => stream.getReader() });

describe('streams that the caller made', () => {
  it('may be anything that can be iterated, of text and bytes', async () => {
    async function* words() {
      yield 'grüße ';
      yield Buffer.from('bytes');
    }
    await withUpstream({ stdin: words() }, async ({ stdin, stdinPath }) => {
      expect(stdin?.fd).toBeUndefined();
      expect(stdinPath).toBe('');
      expect(await all(stdin)).toBe('grüße bytes');
    });
  });

  it.each<[what: string, request: () => StdioRequest]>([
    ['bytes', () => ({ stdin: Buffer.from('a grüße') })],
    ['a list of bytes and text', () => ({ stdin: [Buffer.from('a '), 'grüße'] })],
    ['something that can be iterated', () => ({ stdin: new Set(['a ', 'grüße']) })],
    ['text, as all of the input', () => ({ input: 'a grüße' })],
    ['bytes, as all of the input', () => ({ input: Buffer.from('a grüße') })],
    ['a readable stream of Node, of bytes', () => ({ stdin: Readable.from([Buffer.from('a '), 'grüße']) })],
    ['one of text', () => ({ stdin: new PassThrough().setEncoding('utf8').end('a grüße') })],
    ['a stream of the web', () => ({ stdin: new Blob(['a grüße']).stream() })],
    ['one that cannot be iterated', () => ({ stdin: readerOnly(new Blob(['a grüße']).stream()) })],
  ])('may be %s', (_what, request) =>
    withUpstream(request(), async ({ stdin, stdinPath }) => {
      expect(await all(stdin)).toBe('a grüße');
      expect(stdinPath).toBe('');
    }),
  );

  it('may be a stream of Node that fails before anybody reads it', () => {
    const stream = new PassThrough();
    return withUpstream({ stdin: stream }, async ({ stdin }) => {
      stream.destroy(new Error('no such file'));
      await turns();
      await expect(pull(stdin)).rejects.toThrow('no such file');
    });
  });

  it('that were never read are as they were', async () => {
    const stream = new PassThrough();
    const before = stream.listenerCount('error');
    const upstream = await open({ stdin: stream });
    await done(upstream.close());
    expect([stream.destroyed, stream.listenerCount('error')]).toEqual([false, before]);
    const web = new Blob(['a']).stream();
    await done((await open({ stdin: web })).close());
    expect(web.locked).toBe(false);
  });

  it('may be readable streams of Node', () =>
    withUpstream({ stdin: new PassThrough().end('piped') }, async ({ stdin }) => {
      expect(await all(stdin)).toBe('piped');
    }));

  it.each(['closeStdin', 'close'] as const)(
    'end a read that is pending by %s, and are cancelled',
    async (act) => {
      let cancels = 0;
      const source = {
        [Symbol.asyncIterator]: () => ({
          next: () => never,
          return: () => {
            cancels += 1;
            return never;
          },
        }),
      };
      const upstream = await open({ stdin: source });
      const pending = pull(upstream.stdin);
      await done(upstream[act]());
      await done(upstream.close());
      expect(await pending).toBeUndefined();
      expect(await pull(upstream.stdin)).toBeUndefined();
      expect(cancels).toBe(1);
    },
  );

  it('that fail, fail for who reads them', () =>
    withUpstream(
      {
        // biome-ignore lint/correctness/useYield: it fails before
        stdin: (async function* (): AsyncGenerator<string> {
          throw new Error('no more paper');
        })(),
      },
      async ({ stdin }) => {
        await expect(pull(stdin)).rejects.toThrow('no more paper');
        expect(await pull(stdin)).toBeUndefined();
      },
    ));

  it('that yield neither bytes nor text are refused by name', () =>
    withUpstream(
      {
        stdin: (async function* () {
          yield 7 as unknown as string;
        })(),
      },
      async ({ stdin }) => {
        await expect(pull(stdin)).rejects.toMatchObject({
          kind: 'invalidArgument',
          field: 'stdin',
          value: 7,
        });
      },
    ));

  it('may be one sink for both outputs, which gets one write at a time', async () => {
    const seen: string[] = [];
    let writing = 0;
    const sink: ByteSink = {
      write: async (chunk) => {
        writing += 1;
        expect(writing).toBe(1);
        await null;
        seen.push(String(chunk));
        writing -= 1;
      },
    };
    await withUpstream({ stdout: sink, stderr: sink }, async ({ stdout, stderr }) => {
      await Promise.all([write(stdout, 'out'), write(stderr, 'err')]);
    });
    expect(seen).toEqual(['out', 'err']);
  });

  it('of which a sink never answers do not keep the upstream from being closed', async () => {
    const upstream = await open({ stdout: { write: () => never } });
    const hanging = write(upstream.stdout, 'lost');
    expect(await isPending(hanging)).toBe(true);
    await done(upstream.close());
    await expect(hanging).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await expect(write(upstream.stdout, 'late')).rejects.toMatchObject({ kind: 'failedPrecondition' });
  });

  it('of which a sink fails report it, and get the next write all the same', () => {
    const sink = {
      write: (chunk: Uint8Array) =>
        chunk.length > 1 ? Promise.reject(new Error('full')) : Promise.resolve(),
    };
    return withUpstream({ stdout: sink }, async ({ stdout }) => {
      await expect(write(stdout, 'too much')).rejects.toThrow('full');
      await write(stdout, 'x');
    });
  });
});

describeOnLinux('descriptors that are given', () => {
  const at = directory();

  it('are there to be handed over, are written to, and stay open', async () => {
    const { read, write: fd } = openPipe();
    const got = collect(descriptorSource(read));
    const upstream = await open({ stdout: { fd }, stderr: { fd } });
    expect([upstream.stdout?.fd, upstream.stderr?.fd]).toEqual([fd, fd]);
    await write(upstream.stdout, 'out ');
    await write(upstream.stderr, 'err');
    await done(upstream.close());
    await expect(write(upstream.stdout, 'late')).rejects.toMatchObject({ kind: 'failedPrecondition' });
    expect(fstatSync(fd).isFIFO()).toBe(true);
    closeSync(fd);
    expect(String(await got)).toBe('out err');
  });

  it('are read, and stay open when the reading ends', async () => {
    const { read, write: fd } = openPipe();
    const upstream = await open({ stdin: { fd: read } });
    expect(upstream.stdin?.fd).toBe(read);
    const pending = pull(upstream.stdin);
    expect(await isPending(pending)).toBe(true);
    await done(upstream.closeStdin());
    expect(await pending).toBeUndefined();
    await done(upstream.close());
    for (const end of [read, fd]) closeSync(end);
  });

  it("are this program's own for what it lets the process inherit", async () => {
    const upstream = await open({ stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' });
    // A socket, as under a parent of Node, is copied to: it may become non-blocking.
    const own = (fd: number) => (fstatSync(fd).isSocket() ? undefined : fd);
    expect([upstream.stdout?.fd, upstream.stderr?.fd]).toEqual([own(1), own(2)]);
    expect(upstream.stdin).toBeDefined();
    await done(upstream.closeStdin());
    await done(upstream.close());
    for (const fd of [0, 1, 2]) expect(() => fstatSync(fd)).not.toThrow();
  });

  it('may be files, whose position is where the writing goes on', async () => {
    const fd = openSync(at('file'), 'w');
    await withUpstream({ stdout: { fd } }, ({ stdout }) => write(stdout, 'one '));
    await withUpstream({ stdout: { fd } }, ({ stdout }) => write(stdout, 'two'));
    closeSync(fd);
    expect(readFileSync(at('file'), 'utf8')).toBe('one two');
  });

  it('of a source that has one are those of the source, whichever it has at the time', () => {
    const source = { fd: 3, async *[Symbol.asyncIterator]() {} };
    return withUpstream({ stdin: source }, async ({ stdin }) => {
      expect(stdin?.fd).toBe(3);
      source.fd = 4;
      expect(stdin?.fd).toBe(4);
    });
  });
});
