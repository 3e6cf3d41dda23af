import { readlinkSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { local } from '../../../src/hcs/local/index.js';
import { text } from '../../../src/streams/stdio/output.js';
import type { StdioRequest } from '../../../src/streams/stdio/upstream/index.js';
import type { Task } from '../../../src/streams/task/interface.js';
import { createTask } from '../../../src/streams/task/task.js';
import { shell } from '../../hcs/local/on-this-host.js';
import { census, describeOnLinux, openedSince, turns, warmUp } from '../../hcs/native/on-linux.js';

/** Makes tasks of shells on this host, gives the making of them to the test, and ends all of them. */
const withTasks = async (
  test: (create: (script: string, stdio: StdioRequest) => Promise<Task>) => Promise<void>,
): Promise<void> => {
  const tasks: Task[] = [];
  try {
    await test(async (script, stdio) => {
      const task = await createTask({ id: `t${tasks.length}`, system: local(), stdio, spec: shell(script) });
      tasks.push(task);
      return task;
    });
  } finally {
    for (const task of tasks) await task[Symbol.asyncDispose]();
  }
};

const stdoutOf = ({ init }: Task) => init.stdout!;
const pipeOf = (task: Task, fd: 0 | 1): string => readlinkSync(`/proc/${task.init.pid}/fd/${fd}`);

describeOnLinux('an exec whose stdin is the stdout of another', () => {
  it('reads from the very pipe that the other writes to, of which this program keeps no end', () =>
    withTasks(async (create) => {
      await warmUp();
      const before = census();
      const writer = await create('exec sleep 100', { stdout: 'pipe' });
      const reader = await create('exec sleep 100', { stdin: stdoutOf(writer) });
      await writer.init.start();
      await reader.init.start();
      expect(pipeOf(reader, 0)).toMatch(/^pipe:/);
      expect(pipeOf(reader, 0)).toBe(pipeOf(writer, 1));
      const ours = census().filter((entry) => !before.includes(entry));
      expect(ours.filter((entry) => entry.includes(pipeOf(reader, 0)))).toEqual([]);
    }));

  it('ends it by SIGPIPE when it has had enough, whichever is started first', async () => {
    for (const order of ['writer', 'reader'] as const) {
      await withTasks(async (create) => {
        const writer = await create('exec yes', { stdout: 'pipe' });
        const reader = await create('exec head -n 2', { stdin: stdoutOf(writer), stdout: 'pipe' });
        for (const task of order === 'writer' ? [writer, reader] : [reader, writer]) await task.init.start();
        expect(await text(reader.init.stdout)).toBe('y\ny\n');
        expect(await reader.wait()).toMatchObject({ status: 0, ioErrors: [] });
        expect(await writer.wait()).toMatchObject({ kind: 'signaled', signal: 13, truncated: false });
      });
    }
  });

  it('gets all of it, also what it reads only when the other is gone', () =>
    withTasks(async (create) => {
      const writer = await create('seq 5000', { stdout: 'pipe' });
      const reader = await create('read _; cat | sha1sum', { stdin: stdoutOf(writer), stdout: 'pipe' });
      await writer.init.start();
      expect(await writer.wait()).toMatchObject({ status: 0, truncated: false });
      await reader.init.start();
      const alone = await create('seq 5000 | { read _; cat | sha1sum; }', { stdout: 'pipe' });
      await alone.init.start();
      expect(await text(reader.init.stdout)).toBe(await text(alone.init.stdout));
    }));

  it('may be one of many in a row', () =>
    withTasks(async (create) => {
      const tasks = [await create('seq 1000', { stdout: 'pipe' })];
      for (let count = 0; count < 4; count++)
        tasks.push(await create('exec cat', { stdin: stdoutOf(tasks.at(-1)!), stdout: 'pipe' }));
      for (const task of [...tasks].reverse()) await task.init.start();
      expect((await text(tasks.at(-1)!.init.stdout)).split('\n')).toHaveLength(1001);
    }));

  it('sees the end when the other is ended before it was ever started', () =>
    withTasks(async (create) => {
      const writer = await create('exec yes', { stdout: 'pipe' });
      const reader = await create('cat; echo end', { stdin: stdoutOf(writer), stdout: 'pipe' });
      await reader.init.start();
      await writer.init.forceExit(1);
      expect(await text(reader.init.stdout)).toBe('end\n');
    }));

  it('that is never started ends the other once it is discarded', () =>
    withTasks(async (create) => {
      const writer = await create('exec yes', { stdout: 'pipe' });
      const reader = await create('exec cat', { stdin: stdoutOf(writer) });
      await writer.init.start();
      await reader.init.forceExit(1);
      expect(await writer.wait()).toMatchObject({ kind: 'signaled', signal: 13 });
    }));

  it('gets it also where the other has already written something, in order', () =>
    withTasks(async (create) => {
      const writer = await create('echo before; echo >&2; read _; seq 30000', {
        stdin: 'pipe',
        stdout: 'pipe',
        stderr: 'pipe',
      });
      await writer.init.start();
      for await (const _ of writer.init.stderr!) break;
      await turns();
      const reader = await create('exec cat', { stdin: stdoutOf(writer), stdout: 'pipe' });
      await reader.init.start();
      await writer.init.stdin!.write('go\n');
      expect(await text(reader.init.stdout)).toMatch(/^before\n1\n2\n(.*\n)*30000\n$/);
    }));

  it('gets what the other wrote even when the other was over before the two were joined', () =>
    withTasks(async (create) => {
      const writer = await create('seq 10000', { stdout: 'pipe' });
      await writer.init.start();
      expect(await writer.wait()).toMatchObject({ status: 0 });
      const reader = await create('exec wc -l', { stdin: stdoutOf(writer), stdout: 'pipe' });
      await reader.init.start();
      expect((await text(reader.init.stdout)).trim()).toBe('10000');
    }));

  it('that leaves ends the other also where they were joined late', () =>
    withTasks(async (create) => {
      const writer = await create('exec yes', { stdout: 'pipe' });
      await writer.init.start();
      const reader = await create('exec head -n 100000', { stdin: stdoutOf(writer), stdout: 'pipe' });
      await turns();
      await reader.init.start();
      expect((await text(reader.init.stdout)).length).toBe(200_000);
      expect(await writer.wait()).toMatchObject({ kind: 'signaled', signal: 13, ioErrors: [] });
    }));

  it('takes it from everybody else: a second reader is refused, by name', () =>
    withTasks(async (create) => {
      const writer = await create('exec yes', { stdout: 'pipe' });
      await create('exec cat', { stdin: stdoutOf(writer) });
      await expect(create('exec cat', { stdin: stdoutOf(writer) })).rejects.toMatchObject({
        kind: 'invalidArgument',
        field: 'stdio.stdin',
      });
      await expect(text(writer.init.stdout)).rejects.toMatchObject({ kind: 'failedPrecondition' });
    }));

  it('cannot be had where the output has a reader', () =>
    withTasks(async (create) => {
      const writer = await create('exec yes', { stdout: 'pipe' });
      await writer.init.start();
      const reading = stdoutOf(writer)[Symbol.asyncIterator]();
      await reading.next();
      await expect(create('exec cat', { stdin: stdoutOf(writer) })).rejects.toMatchObject({
        field: 'stdio.stdin',
      });
    }));
});

describe('after joined execs are over', () => {
  it('no descriptor is left, whichever ended first, and whether or not they were started', async () => {
    await warmUp();
    const before = census();
    for (const started of ['none', 'writer', 'reader', 'both']) {
      await withTasks(async (create) => {
        const writer = await create('exec yes', { stdout: 'pipe', stderr: 'pipe' });
        const reader = await create('exec sleep 0', { stdin: stdoutOf(writer) });
        if (started !== 'none' && started !== 'reader') await writer.init.start();
        if (started !== 'none' && started !== 'writer') await reader.init.start();
      });
    }
    for (let count = 0; count < 100 && census().length > before.length; count++) await turns();
    expect(openedSince(before)).toEqual([]);
  });
});
