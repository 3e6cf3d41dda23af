import { describe, expect, it } from '@jest/globals';
import { isPending, turns } from '../../../hcs/native/on-linux.js';
import { all, done, open, pull, withUpstream, write } from './on-upstream.js';

const kibibytes = (count: number): Uint8Array => Buffer.alloc(count * 1024, 'x');

describe('output that the caller reads', () => {
  it('comes as it was written, stdout apart from stderr', async () => {
    const upstream = await open({ stdout: 'pipe', stderr: 'pipe' });
    await write(upstream.stdout, 'out');
    await write(upstream.stderr, 'err');
    await done(upstream.close());
    expect(await all(upstream.caller?.stdout)).toBe('out');
    expect(await all(upstream.caller?.stderr)).toBe('err');
    expect(upstream).toMatchObject({
      stdoutPath: 'pipe',
      stderrPath: 'pipe',
      stdinPath: '',
      terminal: false,
    });
  });

  it('is there for a reader that comes only after the end', async () => {
    const upstream = await open({ stdout: 'pipe' });
    await upstream.stdout!.write(kibibytes(40));
    await upstream.stdout!.write(kibibytes(24));
    await done(upstream.close());
    expect(await all(upstream.caller?.stdout)).toHaveLength(64 * 1024);
  });

  it('reaches a reader that waits as it is written', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      const first = pull(caller?.stdout);
      expect(await isPending(first)).toBe(true);
      await write(stdout, 'now');
      expect(await first).toBe('now');
    }));

  it('holds up the process when nobody reads, and no longer than that', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      await stdout!.write(kibibytes(64));
      const pending = write(stdout, 'one more');
      expect(await isPending(pending)).toBe(true);
      expect(await pull(caller?.stdout)).toHaveLength(64 * 1024);
      await pending;
      expect(await pull(caller?.stdout)).toBe('one more');
    }));

  it('never takes more memory than 64 KiB, however large a chunk is', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      const pending = stdout!.write(kibibytes(200));
      for (const length of [64, 64, 64]) {
        expect(await isPending(pending)).toBe(true);
        expect(await pull(caller?.stdout)).toHaveLength(length * 1024);
      }
      await pending;
      expect(await pull(caller?.stdout)).toHaveLength(8 * 1024);
    }));

  it('may be kept: what the writer does to its buffer afterwards does not show', async () => {
    const upstream = await open({ stdout: 'pipe' });
    const output = upstream.caller!.stdout![Symbol.asyncIterator]();
    const chunk = Buffer.from('kept');
    const waited = output.next();
    await upstream.stdout!.write(chunk);
    chunk.fill('!');
    await upstream.stdout!.write(chunk);
    chunk.fill('?');
    expect(String((await waited).value)).toBe('kept');
    expect(String((await output.next()).value)).toBe('!!!!');
    await done(upstream.close());
  });

  it('that was written in many small pieces is read in few', async () => {
    const upstream = await open({ stdout: 'pipe' });
    for (let count = 0; count < 5000; count++) await write(upstream.stdout, `${count % 10}`);
    expect(await pull(upstream.caller?.stdout)).toBe('0123456789'.repeat(500));
    await done(upstream.close());
  });

  it('after a cut is what was there before it, then the end; the write that hung is refused', async () => {
    const upstream = await open({ stdout: 'pipe' });
    await upstream.stdout!.write(kibibytes(64));
    const hanging = write(upstream.stdout, 'lost');
    await turns();
    await done(upstream.close());
    await expect(hanging).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await expect(write(upstream.stdout, 'late')).rejects.toMatchObject({ kind: 'failedPrecondition' });
    expect(await all(upstream.caller?.stdout)).toHaveLength(64 * 1024);
  });

  it('ends for a reader that waits when it is closed', async () => {
    const upstream = await open({ stdout: 'pipe' });
    const waiting = pull(upstream.caller?.stdout);
    await done(upstream.close());
    expect(await waiting).toBeUndefined();
  });

  it('takes no more once its reader has left, and says so at once', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      await stdout!.write(kibibytes(64));
      const pending = stdout!.write(kibibytes(200));
      expect(await isPending(stdout!.closed!)).toBe(true);
      const refused = expect(pending).rejects.toMatchObject({ code: 'EPIPE' });
      for await (const _ of caller!.stdout!) break;
      await stdout!.closed;
      await refused;
      await expect(write(stdout, 'late')).rejects.toMatchObject({ code: 'EPIPE' });
      expect(await pull(caller?.stdout)).toBeUndefined();
    }));

  it('does not hold up the process once its reader has left, where the rest is to be dropped', () =>
    withUpstream({ stdout: 'pipe', whenReaderLeaves: 'discard' }, async ({ stdout, caller }) => {
      await stdout!.write(kibibytes(64));
      const pending = stdout!.write(kibibytes(64));
      for await (const _ of caller!.stdout!) break;
      await pending;
      await stdout!.write(kibibytes(1024));
      expect(stdout!.closed).toBeUndefined();
      expect(await pull(caller?.stdout)).toBeUndefined();
    }));
});

describe('input that the caller writes', () => {
  it('is read by the process up to its end', () =>
    withUpstream({ stdin: 'pipe' }, async ({ stdin, caller, stdinPath }) => {
      await write(caller?.stdin, 'typed ');
      await write(caller?.stdin, 'early');
      caller?.stdin?.end();
      caller?.stdin?.end();
      expect(await all(stdin)).toBe('typed early');
      expect(stdinPath).toBe('pipe');
    }));

  it('may be text', () =>
    withUpstream({ stdin: 'pipe' }, async ({ stdin, caller }) => {
      await caller!.stdin!.write('grüße');
      caller!.stdin!.end();
      expect(await all(stdin)).toBe('grüße');
    }));

  it.each([7, null, undefined, {}, ['a']])(
    'that is %p is refused by name, and the pipe is as it was',
    (chunk) =>
      withUpstream({ stdin: 'pipe' }, async ({ stdin, caller }) => {
        await expect(caller!.stdin!.write(chunk as unknown as string)).rejects.toMatchObject({
          kind: 'invalidArgument',
          field: 'stdin',
          value: chunk,
        });
        await caller!.stdin!.write('right');
        caller!.stdin!.end();
        expect(await all(stdin)).toBe('right');
      }),
  );

  it('waits until the process reads', () =>
    withUpstream({ stdin: 'pipe' }, async ({ stdin, caller }) => {
      const pending = caller!.stdin!.write(kibibytes(100));
      expect(await isPending(pending)).toBe(true);
      await pull(stdin);
      await pending;
    }));

  it.each(['caller', 'exec'])('gets to the process even if the %s ends it before it was read', (who) =>
    withUpstream({ stdin: 'pipe' }, async (upstream) => {
      const pending = upstream.caller!.stdin!.write(kibibytes(300));
      if (who === 'caller') upstream.caller!.stdin!.end();
      else await done(upstream.closeStdin());
      expect(await all(upstream.stdin)).toHaveLength(300 * 1024);
      await pending;
    }),
  );

  it('is refused after its end', () =>
    withUpstream({ stdin: 'pipe' }, async (upstream) => {
      await done(upstream.closeStdin());
      await done(upstream.closeStdin());
      await expect(write(upstream.caller?.stdin, 'late')).rejects.toMatchObject({
        kind: 'failedPrecondition',
      });
    }));

  it('is refused once the process reads no more', () =>
    withUpstream({ stdin: 'pipe' }, async ({ stdin, caller }) => {
      const hanging = caller!.stdin!.write(kibibytes(200));
      const refused = expect(hanging).rejects.toThrow('the process reads no more');
      for await (const _ of stdin!) break;
      await refused;
      await expect(write(caller?.stdin, 'late')).rejects.toThrow('the process reads no more');
    }));

  it('ends on both sides when the exec is over', async () => {
    const upstream = await open({ stdin: 'pipe' });
    const hanging = upstream.caller!.stdin!.write(kibibytes(100));
    await done(upstream.close());
    await expect(hanging).rejects.toMatchObject({ kind: 'failedPrecondition' });
    expect(await pull(upstream.stdin)).toBeUndefined();
  });
});

it('a stream that was not asked for is absent on both sides', () =>
  withUpstream({ stdin: '', stdout: 'ignore' }, async (upstream) => {
    expect(upstream.caller ?? {}).toEqual({});
    expect([upstream.stdin, upstream.stdout, upstream.stderr]).toEqual([undefined, undefined, undefined]);
    expect([upstream.stdinPath, upstream.stdoutPath, upstream.stderrPath]).toEqual(['', '', '']);
  }));

it('nothing is opened before somebody subscribes, and each subscription opens anew', async () => {
  const [one, other] = [await open({ stdout: 'pipe' }), await open({ stdout: 'pipe' })];
  await write(one.stdout, 'one');
  await done(other.close());
  expect(await all(other.caller?.stdout)).toBe('');
  await done(one.close());
});
