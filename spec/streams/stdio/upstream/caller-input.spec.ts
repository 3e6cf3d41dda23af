import { describe, expect, it } from '@jest/globals';
import { isPending } from '../../../hcs/native/on-linux.js';
import { all, done, open, pull, withUpstream, write } from './on-upstream.js';

const kibibytes = (count: number): Uint8Array => Buffer.alloc(count * 1024, 'x');

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
