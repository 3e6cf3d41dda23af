import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { descriptorSource, openFifo } from '../../../src/hcs/native/index.js';
import { createTask, run, type Task, type TaskEvent, type TaskOptions, text } from '../../../src/index.js';
import { type Config, describeWithRunc, harness, leftBehind } from './on-runc.js';

const eventsOf = (task: Task): string[] => {
  const events: string[] = [];
  task.events$.subscribe((event: TaskEvent) =>
    events.push(`${event.type} ${'id' in event ? event.id : ''}`.trim()),
  );
  return events;
};

describeWithRunc('a task in a container of runc', () => {
  const { container, path, root } = harness();

  const onSpawn = async (
    script: string | readonly string[],
    stdio: TaskOptions['stdio'] = {},
    config?: (config: Config) => void,
  ): Promise<Task> => {
    const system = container(script, config && { config });
    const task = await createTask({ id: system.id, system, stdio });
    await task.init.start();
    return task;
  };

  test('runs, publishes its events in order, and leaves nothing', async () => {
    const task = await onSpawn('echo hello; exit 3', { stdout: 'pipe' });
    const events = eventsOf(task);
    expect(await text(task.init.stdout)).toBe('hello\n');
    expect(await task.wait()).toMatchObject({ kind: 'exited', status: 3 });
    await task.delete();
    expect(events).toEqual(['TaskCreate', 'TaskStart', `TaskExit ${task.id}`, 'TaskDelete']);
    expect(leftBehind(root(), task.id)).toEqual([]);
  });

  test('runs commands in the environment and the directory of the container, with what they add', async () => {
    const task = await onSpawn('read line', { stdin: 'pipe' }, ({ process }) => {
      process.env = ['PATH=/bin', 'OWN=container'];
      process.cwd = '/etc';
    });
    const say = ['sh', '-c', 'echo "$OWN $ADDED $PWD"'];
    expect((await run(task, say)).stdout).toBe('container  /etc');
    expect((await run(task, say, { env: { ADDED: 'command' } })).stdout).toBe('container command /etc');
    expect((await run(task, say, { cwd: '/tmp', user: 0 })).stdout).toBe('container  /tmp');
    await task.stop({ grace: 0 });
    await task.delete();
  });

  test('has its output in a file that it wrote itself', async () => {
    const file = path('output');
    const task = await onSpawn('echo out; echo err >&2', {
      stdout: { path: file },
      stderr: { path: file },
    });
    await task.wait();
    expect(readFileSync(file, 'utf8')).toBe('out\nerr\n');
    await task.delete();
  });

  test('writes to a named pipe whose reader went away and came back', async () => {
    const fifo = path('fifo');
    execFileSync('mkfifo', [fifo]);
    const task = await onSpawn('read line; echo "$line"; read line; echo "$line"', {
      stdin: 'pipe',
      stdout: { path: fifo },
    });
    const read = async (): Promise<string> => {
      const source = descriptorSource(openFifo(fifo, 'read'));
      for await (const chunk of source) return Buffer.from(chunk).toString();
      return '';
    };
    await task.init.stdin?.write(Buffer.from('first\n'));
    expect(await read()).toBe('first\n');
    await task.init.stdin?.write(Buffer.from('second\n'));
    expect(await read()).toBe('second\n');
    expect(await task.wait()).toMatchObject({ status: 0 });
    await task.delete();
  });

  test('hands its init the very pipes of the caller, each by the end that it needs', async () => {
    const [stdin, stdout] = [path('in'), path('out')];
    execFileSync('mkfifo', [stdin, stdout]);
    // Its input ends although the task holds the pipe: the init has a reader's end of its own.
    const task = await onSpawn('grep -c "" ; grep flags /proc/self/fdinfo/1', {
      stdin: { path: stdin },
      stdout: { path: stdout },
    });
    const reader = openSync(stdout, 'r');
    const writer = openSync(stdin, 'w');
    closeSync(writer);
    await task.init.closeIo();
    expect(await task.wait()).toMatchObject({ status: 0 });
    const buffer = Buffer.alloc(100);
    const [count, flags] = buffer.toString('utf8', 0, readSync(reader, buffer)).split('\n');
    closeSync(reader);
    expect(count).toBe('0');
    // O_WRONLY, and neither O_NONBLOCK nor O_RDWR.
    expect(Number.parseInt(flags?.replace(/\D/g, '') ?? '', 8) & 0o4003).toBe(1);
    await task.delete();
  });

  test('has a terminal as its document says', async () => {
    const task = await onSpawn(
      'stty size; cat',
      { terminal: true, stdin: 'pipe', stdout: 'pipe' },
      (config) => {
        config.process.terminal = true;
      },
    );
    await task.init.resizePty({ width: 70, height: 7 });
    await task.init.kill('SIGKILL');
    expect(await task.wait()).toMatchObject({ status: 137 });
    await task.delete();
  });

  test('has execs with their own streams and their own ends', async () => {
    const task = await onSpawn(['sleep', '1000']);
    const exec = await task.createExec({
      id: 'greet',
      spec: { args: ['sh', '-c', 'read name; echo "hello $name"; exit 5'] },
      stdio: { stdin: 'pipe', stdout: 'pipe' },
    });
    await exec.start();
    await exec.stdin?.write(Buffer.from('world\n'));
    expect(await text(exec.stdout)).toBe('hello world\n');
    expect(await exec.wait()).toMatchObject({ status: 5 });
    await task.delete('greet');
    await task.kill('SIGKILL');
    expect(await task.wait()).toMatchObject({ status: 137 });
    await task.delete();
    expect(leftBehind(root(), task.id)).toEqual([]);
  });

  test('reports of an exec that cannot be started, and that it has ended', async () => {
    const task = await onSpawn(['sleep', '1000']);
    const exec = await task.createExec({ id: 'bad', spec: { args: ['nosuch'] } });
    await expect(exec.start()).rejects.toThrow(
      /OCI runtime exec failed: .*executable file not found in \$PATH/,
    );
    expect(exec.status()).toMatchObject({ status: 'STOPPED' });
    await task.delete('bad');
    await task[Symbol.asyncDispose]();
  });

  test('that is deleted without a start leaves nothing', async () => {
    const system = container(['sleep', '1000']);
    const task = await createTask({ id: system.id, system });
    const pid = task.init.status().pid;
    await task.delete();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('is stopped with grace', async () => {
    const task = await onSpawn('trap "exit 0" TERM; echo ready; while :; do sleep 0.01; done', {
      stdout: 'pipe',
    });
    for await (const _ of task.init.stdout as AsyncIterable<Uint8Array>) break;
    expect(await task.stop()).toMatchObject({ status: 0 });
    await task.delete();
  });
});
