import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import {
  descriptorSink,
  descriptorSource,
  duplicate,
  openFifo,
  openPipe,
} from '../../../../src/hcs/native/index.js';
import {
  census,
  collect,
  describeOnLinux,
  isPending,
  openedSince,
  temporaryDirectory,
  warmUp,
} from '../on-linux.js';

const MiB = 1024 * 1024;

describeOnLinux('a sink on a descriptor', () => {
  const at = temporaryDirectory();

  it('writes in order, also what is asked for before the last write is done', async () => {
    const { read, write } = openPipe();
    const sink = descriptorSink(write);
    const chunks = [
      randomBytes(300_000),
      Buffer.from('a'),
      randomBytes(200_000),
      Buffer.alloc(0),
      Buffer.from('b'),
    ];
    const written = Promise.all(chunks.map((chunk) => sink.write(chunk))).then(() => sink.close());
    expect((await collect(descriptorSource(read))).equals(Buffer.concat(chunks))).toBe(true);
    await written;
  });

  it('waits for a slow reader, holding no more than the pipe does', async () => {
    const { read, write } = openPipe();
    const sink = descriptorSink(write);
    const writing = sink.write(Buffer.alloc(100_000));
    expect(await isPending(writing)).toBe(true);
    const reading = collect(descriptorSource(read));
    await writing;
    sink.close();
    expect(await reading).toHaveLength(100_000);
  });

  it('rejects what is pending when it is closed, and everything after, and closes once', async () => {
    await warmUp();
    const before = census();
    const { read, write } = openPipe();
    const sink = descriptorSink(write);
    const outcomes = [sink.write(Buffer.alloc(100_000)), sink.write(Buffer.from('queued'))];
    expect(await isPending(outcomes[0]!)).toBe(true);
    sink.close();
    const reused = openSync('/dev/null', 'r');
    sink.close();
    for (const outcome of [...outcomes, sink.write(Buffer.from('late'))]) {
      await expect(outcome).rejects.toMatchObject({ kind: 'failedPrecondition' });
    }
    for (const fd of [reused, read]) closeSync(fd);
    expect(openedSince(before)).toEqual([]);
  });

  it('says EPIPE when the reader is gone, before or during a write', async () => {
    const { read, write } = openPipe();
    const sink = descriptorSink(write);
    const pending = sink.write(Buffer.alloc(100_000));
    expect(await isPending(pending)).toBe(true);
    closeSync(read);
    await expect(pending).rejects.toMatchObject({ code: 'EPIPE' });
    await expect(sink.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'EPIPE' });
    sink.close();
  });

  it('writes nothing, even to a broken pipe, when there is nothing to write', async () => {
    const { read, write } = openPipe();
    closeSync(read);
    const sink = descriptorSink(write);
    await sink.write(new Uint8Array(0));
    sink.close();
  });

  it('leaves a descriptor that others share as blocking as it was', async () => {
    const { read, write } = openPipe();
    const shared = duplicate(write);
    const sink = descriptorSink(write);
    await sink.write(Buffer.from('x'));
    expect(readFileSync(`/proc/self/fdinfo/${shared}`, 'utf8')).toMatch(/flags:\s*02000001\n/);
    sink.close();
    for (const fd of [read, shared]) closeSync(fd);
  });

  it('appends to a file that it creates', async () => {
    for (const text of ['one\n', 'two\n']) {
      const sink = descriptorSink(openFifo(at('log'), 'write'));
      await Promise.all([sink.write(Buffer.from(text)), sink.write(Buffer.from('and\n'))]);
      sink.close();
    }
    expect(readFileSync(at('log'), 'utf8')).toBe('one\nand\ntwo\nand\n');
  });

  it('writes to devices that cannot be waited for, and reports when they are full', async () => {
    const nowhere = descriptorSink(openSync('/dev/null', 'w'));
    await nowhere.write(Buffer.alloc(MiB));
    nowhere.close();
    const full = descriptorSink(openSync('/dev/full', 'w'));
    await expect(full.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' });
    full.close();
  });

  it('fails when the descriptor is none', async () => {
    await expect(descriptorSink(1_000_000).write(Buffer.from('x'))).rejects.toMatchObject({ code: 'EBADF' });
  });

  it('passes 64 MiB from a source unchanged', async () => {
    const [from, to] = [openPipe(), openPipe()];
    spawn('sh', ['-c', 'head -c 67108864 /dev/zero | tr "\\0" "x"'], {
      stdio: ['ignore', from.write, 'inherit'],
    });
    const reader = spawn('sha256sum', [], { stdio: [to.read, 'pipe', 'inherit'] });
    for (const fd of [from.write, to.read]) closeSync(fd);
    const sink = descriptorSink(to.write);
    for await (const chunk of descriptorSource(from.read)) await sink.write(chunk);
    sink.close();
    let text = '';
    for await (const chunk of reader.stdout!) text += chunk;
    expect(text.slice(0, 64)).toBe(
      createHash('sha256')
        .update(Buffer.alloc(64 * MiB, 'x'))
        .digest('hex'),
    );
  });
});
