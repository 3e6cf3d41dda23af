import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { descriptorSource, moveBytes, openFifo, openPipe } from '../../../../src/hcs/native/index.js';
import {
  census,
  collect,
  describeOnLinux,
  isPending,
  makeFifo,
  pulls,
  temporaryDirectory,
  turns,
  warmUp,
} from '../on-linux.js';

const MiB = 1024 * 1024;

describeOnLinux('bytes moved inside the kernel', () => {
  const at = temporaryDirectory();

  it('arrive unchanged, 64 MiB of them, and leave no descriptor behind', async () => {
    await warmUp();
    const before = census();
    const [from, to] = [openPipe(), openPipe()];
    spawn('sh', ['-c', 'head -c 67108864 /dev/zero | tr "\\0" "x"'], {
      stdio: ['ignore', from.write, 'inherit'],
    });
    closeSync(from.write);
    const move = moveBytes(from.read, to.write)!;
    for (const fd of [from.read, to.write]) closeSync(fd);
    const hash = createHash('sha256');
    for await (const chunk of descriptorSource(to.read)) hash.update(chunk);
    expect(await move.done).toBe(64 * MiB);
    expect(move.bytes()).toBe(64 * MiB);
    expect(hash.digest('hex')).toBe(
      createHash('sha256')
        .update(Buffer.alloc(64 * MiB, 'x'))
        .digest('hex'),
    );
    expect(census()).toEqual(before);
  });

  it('wait for a slow reader, and for a slow writer', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = moveBytes(from.read, to.write)!;
    expect(await isPending(move.done)).toBe(true);
    writeSync(from.write, Buffer.alloc(60_000));
    await turns();
    writeSync(from.write, Buffer.alloc(60_000));
    closeSync(from.write);
    expect(await isPending(move.done)).toBe(true);
    for (const fd of [from.read, to.write]) closeSync(fd);
    expect(await collect(descriptorSource(to.read))).toHaveLength(120_000);
    expect(await move.done).toBe(120_000);
  });

  it('stop where they are when the move is cut, and what was not moved stays', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = moveBytes(from.read, to.write)!;
    writeSync(from.write, 'over');
    expect(Buffer.from((await pulls(descriptorSource(to.read))()).value!).toString()).toBe('over');
    move.cut();
    move.cut();
    writeSync(from.write, 'left');
    for (const fd of [from.write, to.write]) closeSync(fd);
    expect(await move.done).toBe(4);
    expect((await collect(descriptorSource(from.read))).toString()).toBe('left');
  });

  it('fail with EPIPE when the reader is gone, which nobody has to listen for', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = moveBytes(from.read, to.write)!;
    closeSync(to.read);
    writeSync(from.write, 'x');
    await turns();
    for (const fd of [from.read, from.write, to.write]) closeSync(fd);
    await expect(move.done).rejects.toMatchObject({ code: 'EPIPE' });
  });

  it('do not end before the first writer of a named pipe came', async () => {
    const path = makeFifo(at('stdin'));
    const [from, to] = [openFifo(path, 'read'), openPipe()];
    const move = moveBytes(from, to.write)!;
    expect(await isPending(move.done)).toBe(true);
    writeFileSync(path, 'typed');
    expect(await move.done).toBe(5);
    for (const fd of [from, to.read, to.write]) closeSync(fd);
  });

  it('share no flags with the processes at either end', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = moveBytes(from.read, to.write)!;
    await turns();
    const flags = [from.read, to.write].map((fd) => readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    expect(flags).toEqual([
      expect.stringMatching(/flags:\s*02000000\n/),
      expect.stringMatching(/flags:\s*02000001\n/),
    ]);
    move.cut();
    for (const fd of [from.read, from.write, to.read, to.write]) closeSync(fd);
  });

  it('are left to be copied when an end is no pipe, or both are the same one', () => {
    const { read, write } = openPipe();
    const file = openSync(at('file'), 'w+');
    expect(moveBytes(read, file)).toBeUndefined();
    expect(moveBytes(file, write)).toBeUndefined();
    expect(moveBytes(read, write)).toBeUndefined();
    for (const fd of [read, write, file]) closeSync(fd);
  });
});
