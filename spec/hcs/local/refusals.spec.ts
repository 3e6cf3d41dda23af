import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProcessSpec } from '../../../src/hcs/contract/process-spec.js';
import { local } from '../../../src/hcs/local/index.js';
import { create, done, inSystem, run, shell } from './on-this-host.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-'));
  const file = (name: string, content: string, mode: number) => {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), mode);
  };
  file('plain', 'text', 0o644);
  file('orphan', '#!/no/such/interpreter\n', 0o755);
  file('hello', '#!/bin/sh\necho hello from $0\n', 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

const refused = (spec: unknown) =>
  inSystem((system) => create(system, spec as ProcessSpec).then(() => undefined));

describe('a local process is refused before anything is started', () => {
  it.each<[string, unknown, string]>([
    ['no process', undefined, 'OciProcess'],
    ['a process that is no object', 'sh', 'OciProcess'],
    ['no args', {}, 'args'],
    ['args that are null', { args: null }, 'args'],
    ['empty args', { args: [] }, 'args'],
    ['args that are text', { args: 'true' }, 'args'],
    ['an argument that is no text', { args: ['echo', 3] }, 'args'],
    ['an argument with a NUL', { args: ['echo', 'a\0b'] }, 'args'],
    ['an environment that is no list', { args: ['true'], env: { A: '1' } }, 'env'],
    ['a variable without a value', { args: ['true'], env: ['A'] }, 'env'],
    ['a variable without a name', { args: ['true'], env: ['=1'] }, 'env'],
    ['a variable with a NUL', { args: ['true'], env: ['A=\0'] }, 'env'],
    ['a directory that is not there', { args: ['true'], cwd: '/no/such' }, 'cwd'],
    ['a directory that is a file', { args: ['true'], cwd: '/etc/passwd' }, 'cwd'],
    ['a directory with a NUL', { args: ['true'], cwd: '/\0' }, 'cwd'],
    ['a directory that is no text', { args: ['true'], cwd: 5 }, 'cwd'],
    ['a negative user', { args: ['true'], user: { uid: -1, gid: 0 } }, 'user'],
    ['a mask that is none', { args: ['true'], user: { umask: 0o1000 } }, 'user'],
    [
      'a terminal too wide',
      { args: ['true'], terminal: true, consoleSize: { width: 65536, height: 1 } },
      'consoleSize',
    ],
    [
      'a terminal of halves',
      { args: ['true'], terminal: true, consoleSize: { width: 1, height: 0.5 } },
      'consoleSize',
    ],
  ])('for %s', async (_, spec, field) => {
    await expect(refused(spec)).rejects.toMatchObject({
      name: 'RxshimError',
      kind: 'invalidArgument',
      field,
    });
  });

  it.each<[string, string, number, string]>([
    ['nosuch', 'notFound', 127, 'exec: "nosuch": executable file not found in $PATH'],
    ['', 'notFound', 127, 'exec: "": executable file not found in $PATH'],
    ['/no/such', 'notFound', 127, 'exec: "/no/such": no such file or directory'],
    ['/etc', 'failedPrecondition', 126, 'exec: "/etc": is a directory'],
    ['./plain', 'failedPrecondition', 126, 'exec: "./plain": permission denied'],
    ['plain', 'failedPrecondition', 126, 'exec: "plain": permission denied'],
    ['./orphan', 'notFound', 127, 'exec: "./orphan": it or its interpreter does not exist'],
  ])('for the executable %p, as %s', async (name, kind, exitStatus, message) => {
    const spec = { args: [name], cwd: folder, env: [`PATH=${folder}`] };
    const because = expect.stringContaining(message);
    await expect(refused(spec)).rejects.toMatchObject({ kind, exitStatus, message: because });
    await expect(refused({ ...spec, terminal: true })).rejects.toMatchObject({
      kind,
      exitStatus,
      message: because,
    });
  });

  it('for more arguments than the kernel takes', async () => {
    const args = ['true', 'x'.repeat(200_000)];
    await expect(refused({ args })).rejects.toMatchObject({ kind: 'invalidArgument', exitStatus: 126 });
  });

  it('and the system is none the worse: its first process is yet to come', () =>
    inSystem(async (system) => {
      await expect(create(system, { args: ['nosuch'] })).rejects.toMatchObject({ kind: 'notFound' });
      const process = await create(system, shell('exit 4'));
      await done(process.exit$);
      await done(system.exit$);
    }));
});

describe('a local process', () => {
  it('is looked up in its own PATH, and from its own directory', async () => {
    expect(await run({ args: ['hello'], env: [`PATH=/nowhere:${folder}`] })).toMatchObject({
      stdout: `hello from ${folder}/hello\n`,
    });
    expect((await run({ args: ['./hello'], cwd: folder })).stdout).toBe(`hello from ${folder}/hello\n`);
    expect((await run({ args: ['pwd'], cwd: folder })).stdout).toBe(`${folder}\n`);
  });

  it('has exactly the environment that it is given, and the mark of its system', async () => {
    const { stdout } = await run({ args: ['/usr/bin/env'], env: ['A=1', '__proto__=2', 'B=x=y', 'A=3'] });
    expect(stdout).toBe('A=1\n__proto__=2\nB=x=y\nA=3\n');
  });

  it('inherits the environment where none is given', async () => {
    expect((await run(shell('echo "$HOME"'))).stdout).toBe(`${process.env['HOME'] ?? ''}\n`);
  });

  it('gets the name it was called by', async () => {
    expect((await run({ args: ['sh', '-c', 'cat /proc/$$/cmdline'] })).stdout).toBe(
      'sh\0-c\0cat /proc/$$/cmdline\0',
    );
  });

  it('has no signal blocked and none ignored, not even those that the C library keeps for itself', async () => {
    const { stdout } = await run(shell('grep -E "Sig(Blk|Ign)" /proc/self/status'));
    const sets = [...stdout.matchAll(/[0-9a-f]{16}/g)].map(([set]) => BigInt(`0x${set}`));
    expect(sets).toEqual([0n, 0n]);
  });

  it('has three descriptors open and no more', async () => {
    expect((await run(shell('ls /proc/$$/fd'))).stdout.split('\n').slice(0, 3)).toEqual(['0', '1', '2']);
    expect((await run({ args: ['ls', '/proc/self/fd'] })).stdout).toBe('0\n1\n2\n3\n');
  });

  it('gets the mask it is given, and this process keeps its own', async () => {
    const before = process.umask();
    expect((await run(shell('umask', { user: { umask: 0o027 } }))).stdout).toBe('0027\n');
    expect(process.umask()).toBe(before);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;

  asRoot('runs as another user if this process may decide that', async () => {
    const user = { uid: 65534, gid: 65534 };
    expect(await run(shell('id -u; id -g; exit 6', { user, cwd: '/' }))).toMatchObject({
      exit: { kind: 'exited', code: 6 },
      stdout: '65534\n65534\n',
    });
    await expect(refused(shell('true', { user, cwd: '/', terminal: true }))).rejects.toMatchObject({
      kind: 'notImplemented',
    });
  });
});

describe('a local system', () => {
  it.each<[string, unknown]>([
    ['id', 5],
    ['id', ''],
    ['cwd', 5],
    ['env', 'A=1'],
  ])('is refused with the %s %p', (field, value) => {
    expect(() => local({ [field]: value })).toThrow(
      expect.objectContaining({ kind: 'invalidArgument', field, value }),
    );
  });

  it('says what it is', () => {
    expect(local({ id: 'mine' })).toMatchObject({
      id: 'mine',
      os: 'linux',
      isOci: true,
      initInDocument: false,
      takesDescriptors: true,
    });
  });
});
