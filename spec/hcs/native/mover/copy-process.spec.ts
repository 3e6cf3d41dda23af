import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openPipe } from '../../../../src/hcs/native/index.js';
import { type CopyEnd, copyProcess } from '../../../../src/hcs/native/mover/copy-process.js';
import { setHelperProgram } from '../../../../src/hcs/native/process/helper-program.js';
import { launcherFor } from '../../../shim/launcher/harness.js';
import { describeAsRoot } from '../../../support/needs.js';
import { census, describeOnLinux, openedSince, temporaryDirectory, turns, warmUp } from '../on-linux.js';
import { attach } from './attach.js';

const MiB = 2 ** 20;

/** The processes that copy for this one. */
const copies = (): readonly number[] =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((pid) => pid !== '' && commandOf(pid).startsWith('rxshim-copy'))
      .map(Number),
  );

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
};

const useLauncher = (): void => {
  beforeAll(() => {
    expect(existsSync(launcherFor(process.arch))).toBe(true);
    setHelperProgram(launcherFor(process.arch));
  });
  afterAll(() => setHelperProgram(undefined));
};

/** Writes so many bytes into the pipe, as fast as they are taken. */
const pour = (to: number, mebibytes: number): Promise<unknown> => {
  const script = `yes 0123456789abcde | head -c ${mebibytes * MiB}`;
  const writer = spawn('sh', ['-c', script], { stdio: ['ignore', to, 'inherit'] });
  return new Promise((resolve) => writer.once('exit', resolve));
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await turns();
};

describeOnLinux('a busy stream into a file', () => {
  useLauncher();
  const at = temporaryDirectory();

  it('is copied by a process of its own, unchanged and in order, which leaves nothing behind', async () => {
    await warmUp();
    const before = census();
    writeFileSync(at('log'), 'earlier\n');
    const from = openPipe();
    const file = openSync(at('log'), 'a');
    const move = attach(from.read, file);
    for (const fd of [from.read, file]) closeSync(fd);
    const poured = pour(from.write, 64);
    await until(() => copies().length === 1);
    await poured;
    writeSync(from.write, 'the end\n');
    closeSync(from.write);
    expect(await move.ended).toMatchObject({ moved: 64 * MiB + 8, dropped: 0 });
    expect(
      readFileSync(at('log')).equals(Buffer.from(`earlier\n${'0123456789abcde\n'.repeat(4 * MiB)}the end\n`)),
    ).toBe(true);
    // The process is reaped a moment after it is gone.
    await until(() => openedSince(before).length === 0);
    expect(copies()).toEqual([]);
  });

  it('settles while the process has it', async () => {
    const from = openPipe();
    const file = openSync(at('settled'), 'a');
    const move = attach(from.read, file);
    await pour(from.write, 32);
    await until(() => copies().length === 1);
    writeSync(from.write, 'owed\n');
    move.settle();
    await until(() => move.events.length > 0);
    expect(move.events).toEqual([{ type: 'settled' }]);
    expect(statSync(at('settled')).size).toBe(32 * MiB + 5);
    expect(move.report()).toMatchObject({ moved: 32 * MiB + 5, dropped: 0 });
    move.detach();
    await until(() => copies().length === 0);
    for (const fd of [from.read, from.write, file]) closeSync(fd);
  });

  it('goes on here when the process was killed', async () => {
    const from = openPipe();
    const file = openSync(at('killed'), 'a');
    const move = attach(from.read, file);
    await pour(from.write, 32);
    await until(() => copies().length === 1);
    await until(() => move.report()?.moved === 32 * MiB);
    for (const pid of copies()) process.kill(pid, 'SIGKILL');
    writeSync(from.write, 'after\n');
    await until(() => copies().length === 0);
    closeSync(from.write);
    expect(await move.ended).toMatchObject({ moved: 32 * MiB + 6, dropped: 0 });
    expect(readFileSync(at('killed')).subarray(-6).toString()).toBe('after\n');
    // It may have been killed with a piece in its hands.
    expect(move.events).toEqual([{ type: 'uncertain', bytes: 128 * 1024 }]);
    for (const fd of [from.read, file]) closeSync(fd);
  });

  it('is given back by a process that has nothing to copy, with what came since', async () => {
    const from = openPipe();
    const file = openSync(at('idle'), 'a');
    const nonBlocking = openSync(`/proc/self/fd/${from.read}`, 0o4000);
    let end: CopyEnd | undefined;
    const copy = copyProcess(
      { from: nonBlocking, to: file, idle: 1 },
      { settled: () => undefined, ended: (how) => (end = how) },
    )!;
    await until(() => end !== undefined);
    expect(end).toMatchObject({ reason: 'idle', dropped: 0 });
    expect(copy.moved()).toBe(0);
    writeSync(from.write, 'stays\n');
    await until(() => copies().length === 0);
    expect(readFileSync(at('idle'), 'utf8')).toBe('');
    for (const fd of [nonBlocking, from.read, from.write, file]) closeSync(fd);
  });
});

describeAsRoot('a busy stream into a disk that is full', () => {
  useLauncher();
  const at = temporaryDirectory();

  it('is dropped and counted, and the file says so when it has room again', async () => {
    const disk = at('disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', disk]);
    try {
      const from = openPipe();
      writeFileSync(`${disk}/ballast`, Buffer.alloc(8 * MiB));
      const file = openSync(`${disk}/log`, 'a');
      const move = attach(from.read, file);
      const poured = pour(from.write, 64);
      await until(() => copies().length === 1);
      await poured;
      await until(() => move.report()?.moved === 64 * MiB);
      expect(move.events[0]).toEqual({ type: 'dropping', code: 'ENOSPC' });
      expect(move.report()).toMatchObject({ dropped: 32 * MiB });
      truncateSync(`${disk}/ballast`, 0);
      writeSync(from.write, 'room again\n');
      closeSync(from.write);
      expect(await move.ended).toMatchObject({ moved: 64 * MiB + 11, dropped: 32 * MiB });
      expect(
        readFileSync(`${disk}/log`)
          .subarray(32 * MiB)
          .toString(),
      ).toBe(`[rxshim: ${32 * MiB} bytes of output were dropped: ENOSPC]\nroom again\n`);
      for (const fd of [from.read, file]) closeSync(fd);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describeAsRoot('disks that hang', () => {
  useLauncher();
  const at = temporaryDirectory();

  it('delay their own streams alone: others, and the files of this process, go on', async () => {
    const disk = at('frozen');
    mkdirSync(disk);
    writeFileSync(at('image'), '');
    truncateSync(at('image'), 16 * MiB);
    execFileSync('mkfs.ext4', ['-q', at('image')]);
    execFileSync('mount', ['-o', 'loop', at('image'), disk]);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const pipes = names.map(() => openPipe());
    const files = names.map((name) => openSync(`${disk}/${name}`, 'a'));
    const healthy = { from: openPipe(), file: openSync(at('healthy'), 'a') };
    try {
      execFileSync('fsfreeze', ['-f', disk]);
      try {
        const moves = pipes.map(({ read }, index) => attach(read, files[index] as number));
        for (const { write } of pipes) writeSync(write, 'hangs\n');
        const move = attach(healthy.from.read, healthy.file);
        writeSync(healthy.from.write, 'goes on\n');
        await until(() => readFileSync(at('healthy'), 'utf8') === 'goes on\n');
        expect((await readFile('/proc/self/stat', 'utf8')).length).toBeGreaterThan(0);
        for (const { write } of pipes) closeSync(write);
        closeSync(healthy.from.write);
        await move.ended;
        execFileSync('fsfreeze', ['-u', disk]);
        for (const { ended } of moves) expect(await ended).toMatchObject({ moved: 6, dropped: 0 });
        for (const name of names) expect(readFileSync(`${disk}/${name}`, 'utf8')).toBe('hangs\n');
      } finally {
        spawn('fsfreeze', ['-u', disk]).once('error', () => undefined);
      }
    } finally {
      for (const fd of [...files, ...pipes.map(({ read }) => read), healthy.from.read, healthy.file])
        closeSync(fd);
      await until(() => copies().length === 0);
      execFileSync('umount', [disk]);
    }
  });
});
