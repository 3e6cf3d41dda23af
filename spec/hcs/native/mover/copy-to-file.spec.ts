import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { expect, it } from '@jest/globals';
import { readable } from '../../../../src/hcs/native/descriptor/readable.js';
import { openPipe, openTerminal } from '../../../../src/hcs/native/index.js';
import { describeAsRoot } from '../../../support/needs.js';
import { census, describeOnLinux, openedSince, temporaryDirectory, turns, warmUp } from '../on-linux.js';
import { attach } from './attach.js';

describeOnLinux('bytes moved into a file', () => {
  const at = temporaryDirectory();
  const appending = (name: string) => openSync(at(name), 'a', 0o644);

  it('arrive unchanged after what is there, and leave no descriptor behind', async () => {
    await warmUp();
    const before = census();
    writeFileSync(at('log'), 'earlier\n');
    const from = openPipe();
    const file = appending('log');
    spawn('seq', ['1', '200000'], { stdio: ['ignore', from.write, 'inherit'] });
    closeSync(from.write);
    const move = attach(from.read, file);
    for (const fd of [from.read, file]) closeSync(fd);
    expect(await move.ended).toMatchObject({ moved: 1_288_895, dropped: 0 });
    const numbers = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('');
    expect(readFileSync(at('log'), 'utf8')).toBe(`earlier\n${numbers}`);
    expect(openedSince(before)).toEqual([]);
  });

  it('go on after the file was truncated by a program that rotates logs', async () => {
    const from = openPipe();
    const file = appending('rotated');
    const move = attach(from.read, file);
    writeSync(from.write, 'one\n');
    while (readFileSync(at('rotated'), 'utf8') !== 'one\n') await turns();
    truncateSync(at('rotated'), 0);
    writeSync(from.write, 'two\n');
    closeSync(from.write);
    await move.ended;
    expect(readFileSync(at('rotated'), 'utf8')).toBe('two\n');
    for (const fd of [from.read, file]) closeSync(fd);
  });

  it('come from a terminal too', async () => {
    const { master, path } = openTerminal({ width: 80, height: 24 });
    const file = appending('terminal');
    const slave = openSync(path, 'w');
    const move = attach(master, file);
    spawn('sh', ['-c', 'stty -opost; seq 1 9'], { stdio: [slave, slave, slave] });
    closeSync(slave);
    expect(await move.ended).not.toHaveProperty('error');
    expect(readFileSync(at('terminal'), 'utf8')).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9\n');
    for (const fd of [master, file]) closeSync(fd);
  });

  it('settle when what had arrived is in the file', async () => {
    const from = openPipe();
    const file = appending('settled');
    const move = attach(from.read, file);
    writeSync(from.write, 'owed\n');
    move.settle();
    while (move.events.length === 0) await turns();
    expect(move.events).toEqual([{ type: 'settled' }]);
    expect(readFileSync(at('settled'), 'utf8')).toBe('owed\n');
    move.detach();
    for (const fd of [from.read, from.write, file]) closeSync(fd);
  });
});

describeAsRoot('a disk that is full', () => {
  const at = temporaryDirectory();

  const onSmallDisk = async (work: (file: number, path: string, disk: string) => Promise<void>) => {
    const disk = at(`disk-${process.hrtime.bigint()}`);
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    const path = `${disk}/log`;
    const file = openSync(path, 'a', 0o644);
    try {
      await work(file, path, disk);
    } finally {
      closeSync(file);
      execFileSync('umount', [disk]);
    }
  };

  it('does not stop the program: what does not fit is dropped, and the file says so when it has room again', () =>
    onSmallDisk(async (file, path, disk) => {
      writeFileSync(`${disk}/ballast`, Buffer.alloc(32 * 1024));
      const from = openPipe();
      const move = attach(from.read, file);
      for (let count = 0; count < 10; count += 1) {
        writeSync(from.write, `${'x'.repeat(9_999)}\n`);
        // A pipe that is full would block this thread, which reads it as well.
        while (readable(from.read) > 0) await turns();
      }
      move.settle();
      while (!move.events.some(({ type }) => type === 'settled')) await turns();
      expect(move.events[0]).toEqual({ type: 'dropping', code: 'ENOSPC' });
      const { moved, dropped } = move.report()!;
      expect(moved).toBe(100_000);
      expect(dropped).toBe(100_000 - 32 * 1024);
      truncateSync(`${disk}/ballast`, 0);
      writeSync(from.write, 'room again\n');
      closeSync(from.write);
      await move.ended;
      expect(move.events.at(-1)).toEqual({ type: 'dropped', bytes: dropped, code: 'ENOSPC' });
      expect(readFileSync(path, 'utf8').slice(32 * 1024)).toBe(
        `\n[rxshim: ${dropped} bytes of output were dropped: ENOSPC]\nroom again\n`,
      );
      closeSync(from.read);
    }));

  it('that stays full is reported at the end', () =>
    onSmallDisk(async (file) => {
      const from = openPipe();
      const move = attach(from.read, file);
      spawn('dd', ['if=/dev/zero', 'bs=1000', 'count=1000'], { stdio: ['ignore', from.write, 'ignore'] });
      closeSync(from.write);
      expect(await move.ended).toMatchObject({ moved: 1_000_000, dropped: 1_000_000 - 64 * 1024 });
      expect(move.events.map(({ type }) => type)).toEqual(['dropping', 'dropped']);
      closeSync(from.read);
    }));
});
