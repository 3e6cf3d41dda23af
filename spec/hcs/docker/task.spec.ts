import { expect, test } from '@jest/globals';
import { createTask, lines, text } from '../../../src/index.js';
import { onEachDaemon } from './on-daemons.js';

const sh = (script: string) => ['sh', '-c', script];

onEachDaemon('a task in a container', ({ task, container, name }) => {
  test('has its output and its exit code, however short it runs', async () => {
    for (let round = 0; round < 5; round += 1) {
      const one = await task(
        { command: sh('echo out; echo err >&2; exit 7') },
        { stdio: { stdout: 'pipe', stderr: 'pipe' } },
      );
      expect([await text(one.init.stdout), await text(one.init.stderr)]).toEqual(['out\n', 'err\n']);
      expect(await one.wait()).toMatchObject({ kind: 'exited', status: 7, truncated: false });
      await one.delete();
    }
  });

  test('runs what a description says instead of the command of its image', async () => {
    const one = await task(
      { command: ['false'] },
      {
        spec: {
          args: sh('pwd; echo "$A"; id -u; exit 3'),
          cwd: '/tmp',
          env: ['A=b'],
          user: { uid: 1000, gid: 1000 },
        },
        stdio: { stdout: 'pipe' },
      },
    );
    expect(await text(one.init.stdout)).toBe('/tmp\nb\n1000\n');
    expect(await one.wait()).toMatchObject({ status: 3 });
    await one.delete();
  });

  test('reads its input to the end', async () => {
    const one = await task({ command: sh('cat; echo end') }, { stdio: { stdin: 'pipe', stdout: 'pipe' } });
    await one.init.stdin?.write(Buffer.from('hello\n'));
    await one.init.closeIo();
    expect(await text(one.init.stdout)).toBe('hello\nend\n');
    expect(await one.wait()).toMatchObject({ status: 0 });
    await one.delete();
  });

  test('cannot be started where its executable is missing, and leaves no container', async () => {
    const system = container({ command: ['nosuch'] });
    const one = await createTask({ id: 'bad', system });
    await expect(one.init.start()).rejects.toMatchObject({ kind: 'notFound', exitStatus: 127 });
    expect(await one.wait()).toMatchObject({ kind: 'startFailed', status: 127 });
    await one.delete();
    const again = container({ name: system.id, command: ['true'] });
    const other = await createTask({ id: 'good', system: again });
    await other.init.start();
    expect(await other.wait()).toMatchObject({ status: 0 });
    await other.delete();
  });

  test('is refused with what is missing where there is no such image', async () => {
    const system = container({ image: 'nosuch:1' });
    await expect(createTask({ id: 'none', system })).rejects.toMatchObject({ kind: 'notFound' });
  });

  test('is stopped by its signal, and killed where it ignores that', async () => {
    const asked = await task(
      { command: sh('trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done') },
      { stdio: { stdout: 'pipe' } },
    );
    for await (const _ of lines(asked.init.stdout)) break;
    expect(await asked.stop()).toMatchObject({ by: 'signal', kind: 'exited', status: 9 });
    await asked.delete();
    const deaf = await task(
      { command: sh('trap "" TERM; echo ready; while :; do sleep 0.05; done') },
      { stdio: { stdout: 'pipe' } },
    );
    for await (const _ of lines(deaf.init.stdout)) break;
    expect(await deaf.stop({ grace: 100 })).toMatchObject({
      by: 'kill',
      kind: 'signaled',
      signal: 9,
      status: 137,
    });
    await deaf.delete();
  });

  test('that calls exit(137) has not been killed', async () => {
    const one = await task({ command: sh('exit 137') });
    expect(await one.wait()).toMatchObject({ kind: 'exited', status: 137 });
    await one.delete();
  });

  test('has a terminal of the size that was asked for before its first byte', async () => {
    const one = await task(
      {},
      {
        spec: { args: sh('sleep 0.5; stty size; tty'), consoleSize: { height: 7, width: 70 } },
        stdio: { terminal: true, stdout: 'pipe' },
      },
    );
    await one.init.resizePty({ width: 70, height: 7 });
    expect(await text(one.init.stdout)).toBe('7 70\r\n/dev/pts/0\r\n');
    await one.wait();
    await one.delete();
  });

  test('slows down for a slow reader and loses nothing', async () => {
    const one = await task(
      { command: sh('i=0; while [ $i -lt 200 ]; do printf "%0100000d" $i; i=$((i+1)); done') },
      { stdio: { stdout: 'pipe' } },
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    let length = 0;
    for await (const chunk of one.init.stdout ?? []) length += (chunk as Uint8Array).length;
    expect(length).toBe(20_000_000);
    expect(await one.wait()).toMatchObject({ status: 0, truncated: false });
    await one.delete();
  });

  test('ends although its output is not read', async () => {
    const one = await task({ command: sh('echo unread; exit 4') }, { stdio: { stdout: 'pipe' } });
    expect(await one.wait()).toMatchObject({ status: 4, unread: ['stdout'] });
    expect(await text(one.init.stdout)).toBe('unread\n');
    await one.delete();
  });

  test('that was never started is deleted without a trace', async () => {
    const system = container({ command: ['sleep', '100'] });
    const one = await createTask({ id: 'unstarted', system });
    await one.delete();
    const other = await createTask({
      id: 'again',
      system: container({ name: system.id, command: ['true'] }),
    });
    await other.delete();
  });

  test('publishes its life in order', async () => {
    const one = await task({ command: ['true'] });
    const events: string[] = [];
    one.events$.subscribe(({ type }) => events.push(type));
    await one.wait();
    await one.delete();
    expect(events).toEqual(['TaskCreate', 'TaskStart', 'TaskExit', 'TaskDelete']);
  });

  test('names its processes as the host counts them', async () => {
    const one = await task({ command: sh('sleep 100 & sleep 100') });
    expect((await one.pids()).map(({ execId }) => execId)).toContain('');
    expect((await one.pids()).length).toBeGreaterThan(1);
    await one[Symbol.asyncDispose]();
    expect(name).toBeDefined();
  });
});
