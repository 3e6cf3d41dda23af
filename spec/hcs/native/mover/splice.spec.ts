import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { expect, it, jest } from '@jest/globals';
import {
  descriptorSource,
  moverHere,
  openFifo,
  openPipe,
  openTerminal,
} from '../../../../src/hcs/native/index.js';
import {
  census,
  collect,
  describeOnLinux,
  isPending,
  makeFifo,
  openedSince,
  pulls,
  temporaryDirectory,
  turns,
  warmUp,
} from '../on-linux.js';
import { attach, tryAttach } from './attach.js';

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
    const move = attach(from.read, to.write);
    for (const fd of [from.read, to.write]) closeSync(fd);
    const hash = createHash('sha256');
    for await (const chunk of descriptorSource(to.read)) hash.update(chunk);
    expect(await move.ended).toMatchObject({ moved: 64 * MiB });
    expect(hash.digest('hex')).toBe(
      createHash('sha256')
        .update(Buffer.alloc(64 * MiB, 'x'))
        .digest('hex'),
    );
    expect(openedSince(before)).toEqual([]);
  });

  it('wait for a slow reader, and for a slow writer', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = attach(from.read, to.write);
    expect(await isPending(move.ended)).toBe(true);
    writeSync(from.write, Buffer.alloc(60_000));
    await turns();
    writeSync(from.write, Buffer.alloc(60_000));
    closeSync(from.write);
    expect(await isPending(move.ended)).toBe(true);
    for (const fd of [from.read, to.write]) closeSync(fd);
    expect(await collect(descriptorSource(to.read))).toHaveLength(120_000);
    expect(await move.ended).toMatchObject({ moved: 120_000, dropped: 0 });
  });

  it('stop where they are when the stream is detached, and what was not moved stays', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = attach(from.read, to.write);
    writeSync(from.write, 'over');
    expect(Buffer.from((await pulls(descriptorSource(to.read))()).value!).toString()).toBe('over');
    expect(move.report()).toEqual({ moved: 4, dropped: 0, side: 'source' });
    move.detach();
    move.detach();
    expect(move.report()).toBeUndefined();
    writeSync(from.write, 'left');
    for (const fd of [from.write, to.write]) closeSync(fd);
    expect((await collect(descriptorSource(from.read))).toString()).toBe('left');
    expect(move.events).toEqual([]);
  });

  it('end with EPIPE, and the side that it is of, when the reader is gone', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = attach(from.read, to.write);
    closeSync(to.read);
    writeSync(from.write, 'x');
    await turns();
    for (const fd of [from.read, from.write, to.write]) closeSync(fd);
    expect(await move.ended).toMatchObject({ error: { side: 'target', syscall: 'splice', errno: 32 } });
  });

  it('do not end before the first writer of a named pipe came', async () => {
    const path = makeFifo(at('stdin'));
    const [from, to] = [openFifo(path, 'read'), openPipe()];
    const move = attach(from, to.write);
    expect(await isPending(move.ended)).toBe(true);
    writeFileSync(path, 'typed');
    expect(await move.ended).toEqual({ type: 'ended', moved: 5, dropped: 0, side: 'source' });
    for (const fd of [from, to.read, to.write]) closeSync(fd);
  });

  it('share no flags with the processes at either end', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = attach(from.read, to.write);
    await turns();
    const flags = [from.read, to.write].map((fd) => readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
    expect(flags).toEqual([
      expect.stringMatching(/flags:\s*02000000\n/),
      expect.stringMatching(/flags:\s*02000001\n/),
    ]);
    move.detach();
    for (const fd of [from.read, from.write, to.read, to.write]) closeSync(fd);
  });

  it('are left to be copied when an end is neither, or both are the same one', () => {
    const { read, write } = openPipe();
    const file = openSync(at('file'), 'w+');
    expect(tryAttach(file, write)).toBe(false);
    expect(tryAttach(read, write)).toBe(false);
    for (const fd of [read, write, file]) closeSync(fd);
  });

  it('come from a terminal too, up to its hang-up', async () => {
    const { master, path } = openTerminal({ width: 80, height: 24 });
    const to = openPipe();
    const slave = openSync(path, 'w');
    const child = spawn('sh', ['-c', 'stty -opost; seq 1 40000'], { stdio: [slave, slave, slave] });
    const move = attach(master, to.write);
    closeSync(to.write);
    closeSync(slave);
    const text = (await collect(descriptorSource(to.read))).toString();
    expect(text).toBe(Array.from({ length: 40_000 }, (_, index) => `${index + 1}\n`).join(''));
    expect(await move.ended).not.toHaveProperty('error');
    closeSync(master);
    expect(child.exitCode ?? 0).toBe(0);
  });

  it('come from a terminal a page at a time, without a pause after each', async () => {
    const { master, path } = openTerminal({ width: 80, height: 24 });
    const to = openPipe();
    const slave = openSync(path, 'w');
    const script = `stty -opost; head -c ${4 * MiB} /dev/zero`;
    spawn('sh', ['-c', script], { stdio: [slave, slave, slave] });
    closeSync(slave);
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const move = attach(master, to.write);
    closeSync(to.write);
    expect(await collect(descriptorSource(to.read))).toHaveLength(4 * MiB);
    expect(await move.ended).toMatchObject({ moved: 4 * MiB });
    // Of the thousand pages a few may come in smaller pieces.
    expect(timers.mock.calls.filter(([, delay]) => delay === 1).length).toBeLessThan(250);
    timers.mockRestore();
    closeSync(master);
  });

  it('go to /dev/null without being copied', async () => {
    const from = openPipe();
    const target = openSync('/dev/null', 'w');
    const move = attach(from.read, target);
    writeSync(from.write, Buffer.alloc(60_000));
    closeSync(from.write);
    expect(await move.ended).toMatchObject({ moved: 60_000 });
    for (const fd of [from.read, target]) closeSync(fd);
  });

  it('gather in the pipe while a program writes line by line, and all arrive', async () => {
    const [from, to] = [openPipe(), openPipe()];
    spawn('dd', ['if=/dev/zero', 'bs=100', 'count=50000'], { stdio: ['ignore', from.write, 'ignore'] });
    closeSync(from.write);
    const move = attach(from.read, to.write);
    for (const fd of [from.read, to.write]) closeSync(fd);
    expect(await collect(descriptorSource(to.read))).toHaveLength(5_000_000);
    expect(await move.ended).toMatchObject({ moved: 5_000_000 });
  });
});

describeOnLinux('a stream with a name', () => {
  it('is listed under it until it has ended, and no other can have it', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const mover = moverHere();
    const ends = { from: from.read, to: to.write };
    mover.attach('c1/e1/stdout', ends, () => undefined);
    expect(mover.names('c1/')).toEqual(['c1/e1/stdout']);
    expect(mover.names('c2/')).toEqual([]);
    expect(() => mover.attach('c1/e1/stdout', ends, () => undefined)).toThrow(/c1\/e1\/stdout/);
    for (const fd of [from.write, from.read, to.read, to.write]) closeSync(fd);
    while (mover.names('').length > 0) await turns();
    mover.attach('c1/e1/stdout', { from: openPipe().read, to: openPipe().write }, () => undefined);
    mover.detach('c1/e1/stdout');
  });

  it('notifies when what had arrived has gone over, whatever comes later', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = attach(from.read, to.write);
    writeSync(from.write, Buffer.alloc(50_000));
    writeSync(to.write, Buffer.alloc(60_000));
    await turns();
    move.settle();
    writeSync(from.write, Buffer.alloc(5_000));
    await turns();
    expect(move.events).toEqual([]);
    const reader = descriptorSource(to.read);
    let count = 0;
    for await (const chunk of reader) {
      count += chunk.length;
      if (count >= 115_000) break;
    }
    expect(move.events).toEqual([{ type: 'settled' }]);
    move.detach();
    for (const fd of [from.read, from.write, to.write]) closeSync(fd);
  });

  it('that is to be finished moves what is owed, and not what comes later', async () => {
    const [from, to] = [openPipe(), openPipe()];
    const move = attach(from.read, to.write);
    writeSync(to.write, Buffer.alloc(64 * 1024));
    writeSync(from.write, Buffer.alloc(10_000, 'a'));
    await turns();
    move.finish({ what: 'owed', stall: 60_000 });
    writeSync(from.write, 'late');
    closeSync(to.write);
    const all = await collect(descriptorSource(to.read));
    expect(all.subarray(64 * 1024).toString()).toMatch(/^a{10000}(late)?$/);
    for (const fd of [from.read, from.write]) closeSync(fd);
    expect(move.report()).toBeUndefined();
  });

  it('that is to be finished is given up when its reader takes nothing', async () => {
    await warmUp();
    const before = census();
    const [from, to] = [openPipe(), openPipe()];
    const move = attach(from.read, to.write);
    writeSync(to.write, Buffer.alloc(64 * 1024));
    writeSync(from.write, 'owed');
    await turns();
    move.finish({ what: 'all', stall: 5 });
    while (move.report() !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const fd of [from.read, from.write, to.read, to.write]) closeSync(fd);
    expect(openedSince(before)).toEqual([]);
  });
});
