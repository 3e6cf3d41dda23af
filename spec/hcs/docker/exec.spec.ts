import { expect, test } from '@jest/globals';
import { kindOf, lines, type Task, text } from '../../../src/index.js';
import { onEachDaemon } from './on-daemons.js';
import { overSsh } from './over-ssh.js';

const sh = (script: string) => ['sh', '-c', script];

/** The command lines of all that runs in a container but its init and the shell that looks. */
const runningIn = async (task: Task): Promise<string> => {
  const look = await task.createExec({
    id: `look${Math.random()}`.replace('.', ''),
    spec: { args: sh('for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; done 2>/dev/null') },
    stdio: { stdout: 'pipe' },
  });
  await look.start();
  const found = await text(look.stdout);
  await look.wait();
  return found;
};

onEachDaemon('execs in a container', (on) => {
  const idle = { command: ['sleep', '1000'] };

  const ended = async (task: Task): Promise<void> => {
    await task.kill('SIGKILL');
    await task.wait();
    await task.delete();
  };

  test('have their own streams, descriptions and exit codes', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({
      id: 'greet',
      spec: {
        args: sh('read name; echo "hello $name $A in $PWD"; echo "as $(id -u)" >&2; exit 5'),
        env: ['A=b'],
        cwd: '/tmp',
        user: { username: 'app' },
      },
      stdio: { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
    });
    await exec.start();
    await exec.stdin?.write(Buffer.from('world\n'));
    expect([await text(exec.stdout), await text(exec.stderr)]).toEqual([
      'hello world b in /tmp\n',
      'as 1000\n',
    ]);
    expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 5 });
    await ended(task);
  });

  test('that cannot be started fail with the exit status of a shell, and write nothing', async () => {
    const task = await on.task(idle);
    const cases = [
      [{ args: ['nosuch'] }, 'notFound', 127],
      [{ args: ['/etc/passwd'] }, 'failedPrecondition', 126],
      [{ args: ['true'], cwd: '/nosuch' }, 'invalidArgument', undefined],
      [{ args: ['true'], user: { username: 'nosuch' } }, 'invalidArgument', undefined],
    ] as const;
    for (const [index, [spec, kind, exitStatus]] of cases.entries()) {
      const exec = await task.createExec({
        id: `bad${index}`,
        spec,
        stdio: { stdout: 'pipe', stderr: 'pipe' },
      });
      await expect(exec.start()).rejects.toMatchObject({ kind, exitStatus });
    }
    await ended(task);
  });

  test('that end with 127 themselves have run', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({ id: 'e', spec: { args: sh('nosuch') }, stdio: { stderr: 'pipe' } });
    await exec.start();
    expect(await text(exec.stderr)).toContain('not found');
    expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 127 });
    await ended(task);
  });

  test('whose output looks like a message of the daemon keep it', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({
      id: 'e',
      spec: { args: sh('echo "Error: OCI runtime exec failed: exec: nosuch" >&2; sleep 0.3; exit 1') },
      stdio: { stderr: 'pipe' },
    });
    await exec.start();
    expect(await text(exec.stderr)).toBe('Error: OCI runtime exec failed: exec: nosuch\n');
    expect(await exec.wait()).toMatchObject({ status: 1 });
    await ended(task);
  });

  test.each(['this host', 'another host, by ssh'])(
    'are signalled alone or with all that they have started, on %s',
    async (place) => {
      const there = place === 'this host' ? undefined : overSsh(on.daemon().socket);
      try {
        const task = await on.task({ ...idle, ...(there && { host: there.host }) });
        // One of its own session, that lost its parent, and one in the group.
        const script =
          'trap "exit 3" TERM; (setsid sleep 2001 &) ; sleep 2002 & echo ready; while :; do sleep 0.05; done';
        const exec = await task.createExec({
          id: 'e',
          spec: { args: sh(script) },
          stdio: { stdout: 'pipe' },
        });
        await exec.start();
        for await (const _ of lines(exec.stdout)) break;
        await exec.kill('SIGTERM');
        expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 3 });
        expect(await runningIn(task)).toMatch(/sleep 2001[\s\S]*sleep 2002|sleep 2002[\s\S]*sleep 2001/);
        await exec.stop();
        const left = await runningIn(task);
        expect(left).not.toMatch(/sleep 200[12]/);
        expect(left).toContain('sleep 1000');
        await expect(exec.kill('SIGTERM')).rejects.toMatchObject({ kind: 'notFound' });
        await ended(task);
      } finally {
        there?.close();
      }
    },
  );

  test('that do not end in time are killed with their children, and say how', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({
      id: 'e',
      spec: { args: sh('trap "" TERM; sleep 3001 & echo ready; while :; do sleep 0.05; done') },
      stdio: { stdout: 'pipe' },
    });
    await exec.start();
    for await (const _ of lines(exec.stdout)) break;
    expect(await exec.stop({ grace: 100 })).toMatchObject({ by: 'kill', kind: 'signaled', signal: 9 });
    expect(await runningIn(task)).not.toContain('sleep 3001');
    await ended(task);
  });

  test('in an image without a shell are signalled from this host', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({ id: 'e', spec: { args: ['sleep', '100'] } });
    await exec.start();
    await exec.kill('SIGTERM');
    expect(await exec.wait()).toMatchObject({ kind: 'signaled', signal: 15 });
    await ended(task);
  });

  test('end with their container', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({ id: 'e', spec: { args: ['sleep', '100'] } });
    await exec.start();
    await task.kill('SIGKILL');
    await task.wait();
    expect((await exec.wait()).status).not.toBe(0);
    await task.delete();
  });

  test('in a terminal have its size before their first byte, and end their input by its key', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({
      id: 'e',
      spec: {
        args: sh('sleep 0.3; stty size; cat; echo end'),
        terminal: true,
        consoleSize: { width: 70, height: 7 },
      },
      stdio: { stdin: 'pipe', stdout: 'pipe' },
    });
    await exec.start();
    await exec.resizePty({ width: 70, height: 7 });
    const seen: string[] = [];
    for await (const line of lines(exec.stdout)) {
      seen.push(line.trimEnd());
      if (line.startsWith('7 70')) await exec.closeIo();
    }
    expect(seen).toEqual(['7 70', 'end']);
    expect(await exec.wait()).toMatchObject({ status: 0 });
    await ended(task);
  });

  test('in a terminal take the keys that detach a client of Docker as any other', async () => {
    const task = await on.task(idle);
    const exec = await task.createExec({
      id: 'e',
      spec: {
        args: sh('stty raw -echo; echo ready; dd bs=1 count=2 2>/dev/null | od -An -tx1; exit 6'),
        terminal: true,
      },
      stdio: { stdin: 'pipe', stdout: 'pipe' },
    });
    await exec.start();
    let output = '';
    for await (const line of lines(exec.stdout)) {
      if (line.includes('ready')) await exec.stdin?.write(Buffer.from([0x10, 0x11]));
      output += line;
    }
    expect(output).toContain('10 11');
    expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 6 });
    await ended(task);
  });

  test('are refused in a container that does not run', async () => {
    const task = await on.task({ command: ['true'] });
    await task.wait();
    const failed = await task.createExec({ id: 'e', spec: { args: ['true'] } }).then(
      () => undefined,
      (error) => kindOf(error),
    );
    expect(failed).toBe('failedPrecondition');
    await task.delete();
  });
});
