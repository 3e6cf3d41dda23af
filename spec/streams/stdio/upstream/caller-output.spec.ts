import { describe, expect, it } from '@jest/globals';
import { isPending, turns } from '../../../hcs/native/on-linux.js';
import { all, done, open, pulling, withUpstream, write } from './on-upstream.js';

const kibibytes = (count: number): Uint8Array => Buffer.alloc(count * 1024, 'x');

describe('output that the caller reads', () => {
  it('comes as it was written, stdout apart from stderr', async () => {
    const upstream = await open({ stdout: 'pipe', stderr: 'pipe' });
    await write(upstream.stdout, 'out');
    await write(upstream.stderr, 'err');
    upstream.stdout!.end?.();
    upstream.stderr!.end?.();
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
    upstream.stdout!.end?.();
    await done(upstream.close());
    expect(await all(upstream.caller?.stdout)).toHaveLength(64 * 1024);
  });

  it('reaches a reader that waits as it is written', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      const first = pulling(caller?.stdout)();
      expect(await isPending(first)).toBe(true);
      await write(stdout, 'now');
      expect(await first).toBe('now');
    }));

  it('blocks the process while there is no reader, and no longer', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      await stdout!.write(kibibytes(64));
      const pending = write(stdout, 'one more');
      const pull = pulling(caller?.stdout);
      expect(await isPending(pending)).toBe(true);
      expect(await pull()).toHaveLength(64 * 1024);
      await pending;
      expect(await pull()).toBe('one more');
    }));

  it('never takes more memory than 64 KiB, however large a chunk is', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      const pending = stdout!.write(kibibytes(200));
      const pull = pulling(caller?.stdout);
      for (const length of [64, 64, 64]) {
        expect(await isPending(pending)).toBe(true);
        expect(await pull()).toHaveLength(length * 1024);
      }
      await pending;
      expect(await pull()).toHaveLength(8 * 1024);
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
    expect(await pulling(upstream.caller?.stdout)()).toBe('0123456789'.repeat(500));
    await done(upstream.close());
  });

  it('closed before its end is what was there, then an error; the write that hung is refused', async () => {
    const upstream = await open({ stdout: 'pipe' });
    await upstream.stdout!.write(kibibytes(64));
    const hanging = write(upstream.stdout, 'lost');
    await turns();
    await done(upstream.close());
    await expect(hanging).rejects.toMatchObject({ kind: 'failedPrecondition' });
    await expect(write(upstream.stdout, 'late')).rejects.toMatchObject({ kind: 'failedPrecondition' });
    const pull = pulling(upstream.caller?.stdout);
    expect(await pull()).toHaveLength(64 * 1024);
    await expect(pull()).rejects.toMatchObject({ kind: 'truncated' });
    expect(await pull()).toBeUndefined();
  });

  it('ends in the error that the copier gives, after the output so far', async () => {
    const upstream = await open({ stdout: 'pipe' });
    await write(upstream.stdout, 'first');
    upstream.stdout!.fail?.(new Error('the connection was lost'));
    await done(upstream.close());
    const pull = pulling(upstream.caller?.stdout);
    expect(await pull()).toBe('first');
    await expect(pull()).rejects.toThrow('the connection was lost');
  });

  it('is kept whole at the exit of the process, for a reader that is slow', async () => {
    const upstream = await open({ stdout: 'pipe' });
    const pull = pulling(upstream.caller?.stdout);
    const writing = upstream.stdout!.write(kibibytes(1200));
    expect(await isPending(writing)).toBe(true);
    upstream.stdout!.processExited?.();
    await writing;
    upstream.stdout!.end?.();
    await done(upstream.close());
    let length = 0;
    for (let piece = await pull(); piece !== undefined; piece = await pull()) length += piece.length;
    expect(length).toBe(1200 * 1024);
  });

  it('without a reader is kept up to 16 MiB once the exit is awaited, then dropped', async () => {
    const upstream = await open({ stdout: 'pipe', stderr: 'pipe' });
    const writing = upstream.stdout!.write(kibibytes(1024));
    expect(await isPending(writing)).toBe(true);
    upstream.awaited?.();
    await writing;
    expect(upstream.unread?.()).toEqual({ names: ['stdout'], dropped: false });
    for (let mebibytes = 1; mebibytes < 18; mebibytes++) await upstream.stdout!.write(kibibytes(1024));
    expect(upstream.unread?.()).toEqual({ names: ['stdout'], dropped: true });
    const pull = pulling(upstream.caller?.stdout);
    let length = 0;
    const reading = (async () => {
      for (let piece = await pull(); piece !== undefined; piece = await pull()) length += piece.length;
    })();
    await expect(reading).rejects.toMatchObject({ kind: 'truncated' });
    expect(length).toBe(16 * 1024 * 1024);
    expect(upstream.unread?.()).toMatchObject({ names: [] });
    // The process still runs, and is not held up.
    await upstream.stdout!.write(kibibytes(1024));
    await done(upstream.close());
  });

  it('holds up the process again when a reader comes after the end is waited for', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller, awaited }) => {
      awaited?.();
      await stdout!.write(kibibytes(200));
      const pull = pulling(caller?.stdout);
      expect(await pull()).toHaveLength(64 * 1024);
      expect(await isPending(stdout!.write(kibibytes(1)))).toBe(true);
    }));

  it('has one reader: a second one gets an error, not every other chunk', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      const pull = pulling(caller?.stdout);
      await expect(all(caller?.stdout)).rejects.toMatchObject({ kind: 'failedPrecondition' });
      await write(stdout, 'the first has it all');
      expect(await pull()).toBe('the first has it all');
    }));

  it('has no second reader after the first has left: the rest was dropped', () =>
    withUpstream({ stdout: 'pipe' }, async ({ stdout, caller }) => {
      await write(stdout, 'first');
      for await (const _ of caller!.stdout!) break;
      await expect(all(caller?.stdout)).rejects.toThrow(/^stdout has one reader/);
    }));

  it('ends for a reader that waits when it is closed', async () => {
    const upstream = await open({ stdout: 'pipe' });
    const waiting = pulling(upstream.caller?.stdout)();
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
    }));

  it('does not hold up the process once its reader has left, where the rest is to be dropped', () =>
    withUpstream({ stdout: 'pipe', whenReaderLeaves: 'discard' }, async ({ stdout, caller }) => {
      await stdout!.write(kibibytes(64));
      const pending = stdout!.write(kibibytes(64));
      for await (const _ of caller!.stdout!) break;
      await pending;
      await stdout!.write(kibibytes(1024));
      expect(stdout!.closed).toBeUndefined();
    }));
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
