import { constants, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { descriptorSink } from '../../../../src/hcs/native/index.js';
import { collect, describeOnLinux, isPending, makeFifo } from '../../../hcs/native/on-linux.js';
import { all, directory, done, flagsOf, open, pull, reader, withUpstream, write } from './on-upstream.js';

const { O_ACCMODE, O_APPEND, O_NONBLOCK, O_WRONLY } = { O_ACCMODE: 3, ...constants };

describeOnLinux('output to a named pipe', () => {
  const at = directory();

  it('needs no reader to be opened, and keeps for one what fits in the pipe', () =>
    withUpstream({ stdout: makeFifo(at('early')) }, async ({ stdout, stdoutPath }) => {
      expect(stdoutPath).toBe(at('early'));
      await write(stdout, 'early');
      const late = reader(at('early'));
      expect(await pull(late)).toBe('early');
      late.close();
    }));

  it('survives a reader that goes, waits while the pipe is full, and goes on when one comes back', () =>
    withUpstream({ stdout: makeFifo(at('detached')) }, async ({ stdout }) => {
      const first = reader(at('detached'));
      await write(stdout, 'hello');
      expect(await pull(first)).toBe('hello');
      first.close();
      const pending = stdout!.write(Buffer.alloc(100_000));
      expect(await isPending(pending)).toBe(true);
      const second = reader(at('detached'));
      while (await isPending(pending)) await pull(second);
      await pending;
      second.close();
    }));

  it('ends for its reader when the upstream is closed, after all that was written', async () => {
    const upstream = await open({ stdout: makeFifo(at('ends')), stderr: makeFifo(at('ends too')) });
    const [out, err] = [collect(reader(at('ends'))), collect(reader(at('ends too')))];
    await write(upstream.stdout, 'out');
    await write(upstream.stderr, 'err');
    await done(upstream.close());
    await done(upstream.close());
    expect([String(await out), String(await err)]).toEqual(['out', 'err']);
  });

  it('without a reader does not keep it from being closed', async () => {
    const upstream = await open({ stdout: makeFifo(at('unread')) });
    const pending = upstream.stdout!.write(Buffer.alloc(100_000));
    expect(await isPending(pending)).toBe(true);
    await done(upstream.close());
    await expect(pending).rejects.toMatchObject({ kind: 'failedPrecondition' });
  });

  it('goes through one descriptor when stdout and stderr are the same', async () => {
    const path = makeFifo(at('shared'));
    const upstream = await open({ stdout: path, stderr: `file://${path}` });
    expect(upstream.stderr?.fd).toBe(upstream.stdout?.fd);
    const both = collect(reader(path));
    await Promise.all([write(upstream.stdout, 'out '), write(upstream.stderr, 'err')]);
    await done(upstream.close());
    expect(String(await both)).toBe('out err');
  });
});

describeOnLinux('input from a named pipe', () => {
  const at = directory();
  const writer = (path: string) => descriptorSink(openSync(path, O_WRONLY | O_NONBLOCK));

  it('outlasts writers that come and go, until it is closed', () =>
    withUpstream({ stdin: makeFifo(at('in')) }, async (upstream) => {
      const source = upstream.stdin;
      for (const text of ['first', 'second']) {
        const client = writer(at('in'));
        await write(client, text);
        expect(await pull(source)).toBe(text);
        client.close();
        expect(upstream.stdinPath).toBe(at('in'));
      }
      const end = pull(source);
      expect(await isPending(end)).toBe(true);
      await done(upstream.closeStdin());
      await done(upstream.closeStdin());
      expect(await end).toBeUndefined();
    }));

  it('when closed still delivers what was written, and what the client goes on to write', () =>
    withUpstream({ stdin: makeFifo(at('closed')) }, async (upstream) => {
      const client = writer(at('closed'));
      await write(client, 'before ');
      await done(upstream.closeStdin());
      await write(client, 'after');
      const rest = all(upstream.stdin);
      expect(await isPending(rest)).toBe(true);
      client.close();
      expect(await rest).toBe('before after');
    }));

  it('ends when it was closed before anybody wrote', () =>
    withUpstream({ stdin: makeFifo(at('silent')) }, async (upstream) => {
      await done(upstream.closeStdin());
      expect(await pull(upstream.stdin)).toBeUndefined();
    }));

  it('ends a read that is pending when the upstream is closed, even if others have it open', async () => {
    const upstream = await open({ stdin: makeFifo(at('over')) });
    const client = writer(at('over'));
    const pending = pull(upstream.stdin);
    expect(await isPending(pending)).toBe(true);
    await done(upstream.close());
    expect(await pending).toBeUndefined();
    client.close();
  });
});

describeOnLinux('plain files', () => {
  const at = directory();

  it('are appended to, and made where they are missing', async () => {
    writeFileSync(at('log'), 'old ');
    for (const text of ['one ', 'two'])
      await withUpstream({ stdout: at('log'), stderr: at('new') }, async ({ stdout, stderr }) => {
        await write(stdout, text);
        await write(stderr, text);
      });
    expect(readFileSync(at('log'), 'utf8')).toBe('old one two');
    expect(readFileSync(at('new'), 'utf8')).toBe('one two');
  });

  it('are given to a process with nothing set that it might not expect', () =>
    withUpstream({ stdin: '/dev/null', stdout: at('flags') }, async ({ stdout }) => {
      const flags = flagsOf(stdout!.fd!);
      expect(flags & (O_NONBLOCK | O_APPEND | O_ACCMODE)).toBe(O_APPEND | O_WRONLY);
    }));

  it('are read to their end, also when no more input is to come', async () => {
    writeFileSync(at('input'), 'all of it');
    for (const stdin of [at('input'), `file://${at('input')}`])
      await withUpstream({ stdin }, async (upstream) => {
        await done(upstream.closeStdin());
        expect(await all(upstream.stdin)).toBe('all of it');
      });
  });

  it('named by a file URI are made with their directories', async () => {
    const umask = process.umask(0);
    try {
      const upstream = await open({ stdout: `FILE://${at('a/b%20c/log')}`, stderr: '/nowhere/ignored' });
      await write(upstream.stdout, 'out ');
      await write(upstream.stderr, 'err');
      expect(upstream.stdoutPath).toBe(`FILE://${at('a/b%20c/log')}`);
      await done(upstream.close());
    } finally {
      process.umask(umask);
    }
    expect(readFileSync(at('a/b c/log'), 'utf8')).toBe('out err');
    expect(statSync(at('a/b c/log')).mode & 0o777).toBe(0o644);
    expect(statSync(at('a')).mode & 0o777).toBe(0o755);
  });

  it('named by a file URI get stderr too, if it is not said otherwise in words of ours', async () => {
    const streams = async (stderr: string | undefined, terminal = false) => {
      const upstream = await open({ stdout: `file://${at('both')}`, stderr, terminal });
      await done(upstream.close());
      return upstream.stderr === upstream.stdout ? 'both' : upstream.stderr === undefined ? 'one' : 'two';
    };
    expect(await streams(undefined)).toBe('both');
    expect(await streams('')).toBe('both');
    expect(await streams('ignore')).toBe('one');
    expect(await streams('pipe')).toBe('two');
    expect(await streams(undefined, true)).toBe('one');
  });

  it('named by a file URI may be named pipes: neither opening, writing nor closing blocks without a reader', async () => {
    mkdirSync(at('pipes'));
    const path = makeFifo(at('pipes/out'));
    const upstream = await open({ stdout: `file://${path}` });
    await write(upstream.stdout, 'kept');
    const pending = upstream.stdout!.write(Buffer.alloc(100_000));
    expect(await isPending(pending)).toBe(true);
    const late = reader(path);
    expect(await pull(late)).toMatch(/^kept/);
    late.close();
    const filling = upstream.stdout!.write(Buffer.alloc(1_000_000)).catch(() => undefined);
    await done(upstream.close());
    await Promise.allSettled([pending, filling]);
  });
});
