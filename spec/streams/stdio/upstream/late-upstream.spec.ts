import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { local } from '../../../../src/hcs/local/index.js';
import type { Task } from '../../../../src/streams/task/interface.js';
import { createTask } from '../../../../src/streams/task/task.js';
import { describeOnLinux } from '../../../hcs/native/on-linux.js';

let folder = '';
let task: Task;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-late-'));
  task = await createTask({ id: 't', system: local(), spec: { args: ['sleep', '600'] } });
  await task.init.start();
});

afterEach(async () => {
  await task[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const fifo = (name: string): string => {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
};

/** What opening for writing returns while the pipe has no reader. */
const tryToWrite = (path: string): number => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);

const cat = { args: ['cat'] };

describeOnLinux('stdio that is opened with the start', () => {
  test('opens its pipes only at the start', async () => {
    const stdin = fifo('in');
    const stdout = `file://${join(folder, 'out')}` as const;
    const exec = await task.createExec({
      id: 'e',
      spec: cat,
      stdio: { stdin: { path: stdin }, stdout },
      openStdio: 'start',
    });
    expect(exec.status()).toMatchObject({ stdin, stdout });
    expect(() => tryToWrite(stdin)).toThrow('ENXIO');
    await exec.start();
    const writer = tryToWrite(stdin);
    writeSync(writer, 'hello');
    closeSync(writer);
    await exec.closeIo();
    expect(await exec.wait()).toMatchObject({ status: 0, truncated: false });
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('hello');
  });

  test('has ended its input when that was asked for before', async () => {
    const exec = await task.createExec({
      id: 'e',
      spec: cat,
      stdio: { stdin: { path: fifo('in') } },
      openStdio: 'start',
    });
    await exec.closeIo();
    const timeout = openSync(join(folder, 'in'), constants.O_RDWR | constants.O_NONBLOCK);
    await exec.start();
    closeSync(timeout);
    expect(await exec.wait()).toMatchObject({ status: 0 });
  });

  test('that cannot be opened is a failed start', async () => {
    const exec = await task.createExec({
      id: 'e',
      spec: cat,
      stdio: { stdin: { path: join(folder, 'nowhere') } },
      openStdio: 'start',
    });
    await expect(exec.start()).rejects.toMatchObject({ kind: 'invalidArgument', field: 'stdio.stdin' });
    expect(await exec.wait()).toMatchObject({ kind: 'startFailed' });
    await task.delete('e');
  });

  test('that makes no sense is refused when the exec is made, and its id stays free', async () => {
    const bad = {
      id: 'e',
      spec: cat,
      stdio: { stdout: { path: 'relative/path' } },
      openStdio: 'start' as const,
    };
    await expect(task.createExec(bad)).rejects.toMatchObject({
      kind: 'invalidArgument',
      field: 'stdio.stdout',
    });
    await task.createExec({ id: 'e', spec: cat });
  });

  test('is never opened for an exec that is given up before', async () => {
    const stdin = fifo('in');
    const exec = await task.createExec({
      id: 'e',
      spec: cat,
      stdio: { stdin: { path: stdin } },
      openStdio: 'start',
    });
    await exec.forceExit(1);
    expect(() => tryToWrite(stdin)).toThrow('ENXIO');
    await task.delete('e');
  });
});
