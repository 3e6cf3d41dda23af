import { expect, test } from '@jest/globals';
import { dockerExec } from '../../../src/hcs/docker/index.js';
import { lines, run, type Task, text } from '../../../src/index.js';
import { isFull, onEachDaemon, quickly } from './on-daemons.js';
import { overSsh } from './over-ssh.js';

const sh = (script: string) => ['sh', '-c', script];

/** The other host costs a program for each connection. */
const places = isFull ? ['this host', 'another host, by ssh'] : ['this host'];

const remove = async (task: Task): Promise<void> => {
  await task.kill('SIGKILL');
  await task.wait();
  await task.delete();
};

onEachDaemon(
  'execs that must be signalled',
  (on) => {
    /** Has neither a shell nor what else a script needs. */
    const withoutShell = async (options: { readonly host?: string; readonly requireSignals?: boolean }) => {
      const task = await on.task(
        { command: sh('rm /bin/sh /bin/tr; echo ready; exec sleep 1000'), ...options },
        { stdio: { stdout: 'pipe' } },
      );
      for await (const _ of lines(task.init.stdout)) break;
      return task;
    };

    test('are refused before they start where no process can be signalled', async () => {
      const far = overSsh(on.daemon().socket);
      try {
        const task = await withoutShell({ host: far.host, requireSignals: true });
        const exec = await task.createExec({ id: 'e', spec: { args: ['touch', '/tmp/ran'] } });
        await expect(exec.start()).rejects.toMatchObject({
          kind: 'notImplemented',
          message: expect.stringMatching(/requireSignals/),
        });
        const here = dockerExec({ host: on.daemon().host, container: task.system.id, requireSignals: true });
        expect(await run(here, ['ls', '/tmp'])).toMatchObject({ stdout: '' });
        await remove(task);
      } finally {
        far.close();
      }
    });

    test('run where they are not required, and their kill fails', async () => {
      const far = overSsh(on.daemon().socket);
      try {
        const task = await withoutShell({ host: far.host });
        const exec = await task.createExec({ id: 'e', spec: { args: ['sleep', '1000'] } });
        await exec.start();
        await expect(exec.kill('SIGTERM')).rejects.toMatchObject({ kind: 'notImplemented' });
        await remove(task);
      } finally {
        far.close();
      }
    });

    test('are signalled by the kernel on this host, and by a script elsewhere', async () => {
      const far = overSsh(on.daemon().socket);
      try {
        for (const [host, strategy] of [
          [on.daemon().host, 'host'],
          [far.host, 'container'],
        ] as const) {
          const system = on.container({ host, command: ['sleep', '1000'], requireSignals: true });
          const task = await on.start(system);
          expect(await system.signalStrategy()).toBe(strategy);
          expect(
            await run(dockerExec({ host, container: system.id, requireSignals: true }), ['true']),
          ).toMatchObject({
            status: 0,
          });
          await remove(task);
        }
      } finally {
        far.close();
      }
    });

    test.each(places)('end with their children after a timeout, and say how, on %s', async (place) => {
      const far = place === 'this host' ? undefined : overSsh(on.daemon().socket);
      try {
        const task = await on.task({ command: ['sleep', '1000'] });
        const system = dockerExec({ host: far?.host ?? on.daemon().host, container: task.system.id });
        const script = 'trap "" TERM; sleep 3001 & setsid sleep 3002 & while :; do sleep 0.05; done';
        const result = await run(system, sh(script), { timeout: 1_500, stop: { grace: 100 }, reject: false });
        expect(result).toMatchObject({ status: 137, stopped: { reason: 'timeout', by: 'kill' } });
        expect(result.exit).toMatchObject({ kind: 'signaled', signal: 9 });
        const { stdout } = await run(system, sh('cat /proc/[0-9]*/cmdline | tr "\\0" " "'));
        expect(stdout).not.toMatch(/sleep 300[12]/);
        await remove(task);
      } finally {
        far?.close();
      }
    });
  },
  quickly('docker'),
);

onEachDaemon(
  'execs that record their exit',
  (on) => {
    const recorded = { command: ['sleep', '1000'], recordExits: true };

    test('behave as all others do', async () => {
      const task = await on.task(recorded);
      const exec = await task.createExec({
        id: 'greet',
        spec: {
          args: sh('read name; echo "hello $name $A in $PWD"; echo "as $(id -u)" >&2; exit 5'),
          env: ['A=b c'],
          cwd: '/home',
          user: { username: 'app' },
        },
        stdio: { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
      });
      await exec.start();
      await exec.stdin?.write(Buffer.from('world\n'));
      expect([await text(exec.stdout), await text(exec.stderr)]).toEqual([
        'hello world b c in /home\n',
        'as 1000\n',
      ]);
      expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 5 });

      for (const [index, [args, kind, exitStatus]] of (
        [
          [['nosuch'], 'notFound', 127],
          [['/etc/passwd'], 'failedPrecondition', 126],
        ] as const
      ).entries()) {
        const bad = await task.createExec({
          id: `bad${index}`,
          spec: { args: [...args] },
          stdio: { stderr: 'pipe' },
        });
        await expect(bad.start()).rejects.toMatchObject({ kind, exitStatus });
      }
      await remove(task);
    });

    test('do so in a terminal as well', async () => {
      const task = await on.task(recorded);
      const exec = await task.createExec({
        id: 'e',
        spec: { args: sh('read a; echo "got $a"; exit 6'), terminal: true },
        stdio: { stdin: 'pipe', stdout: 'pipe' },
      });
      await exec.start();
      await exec.stdin?.write(Buffer.from('x\n'));
      expect(await text(exec.stdout)).toBe('x\r\ngot x\r\n');
      expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 6 });
      await remove(task);
    });

    test.each(places)('are signalled, and stopped with their children, on %s', async (place) => {
      const far = place === 'this host' ? undefined : overSsh(on.daemon().socket);
      try {
        const task = await on.task({ ...recorded, ...(far && { host: far.host }) });
        const exec = await task.createExec({
          id: 'e',
          spec: { args: sh('trap "exit 3" TERM; sleep 2002 & echo ready; while :; do sleep 0.05; done') },
          stdio: { stdout: 'pipe' },
        });
        await exec.start();
        for await (const _ of lines(exec.stdout)) break;
        await exec.kill('SIGTERM');
        expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 3 });
        await exec.stop();
        const look = dockerExec({ host: on.daemon().host, container: task.system.id });
        const { stdout } = await run(look, sh('cat /proc/[0-9]*/cmdline | tr "\\0" " "'));
        expect(stdout).not.toContain('sleep 2002');
        const killed = await task.createExec({ id: 'k', spec: { args: ['sleep', '1000'] } });
        await killed.start();
        await killed.kill('SIGKILL');
        expect(await killed.wait()).toMatchObject({ kind: 'signaled', signal: 9 });
        await remove(task);
      } finally {
        far?.close();
      }
    });
  },
  quickly('podman'),
);

onEachDaemon(
  'after a restart of its daemon',
  (on) => {
    test('the exit of an exec that recorded it is known, and that of another is not made up', async () => {
      const task = await on.task({ command: ['sleep', '1000'], recordExits: true });
      const begin = async (id: string, script: string) => {
        const exec = await task.createExec({ id, spec: { args: sh(script) }, stdio: { stdout: 'pipe' } });
        await exec.start();
        const output = text(exec.stdout).catch((error) => error);
        return { exec, output };
      };
      const during = await begin('during', 'sleep 0.5; exit 7');
      // Ends when the daemon is there again.
      const after = await begin('after', 'until [ -e /tmp/go ]; do sleep 0.05; done; exit 8');
      const plain = dockerExec({ host: on.daemon().host, container: task.system.id });
      const running = run(plain, ['sleep', '1'], { reject: false });
      await new Promise<void>((resolve) => {
        running.subscribe(({ kind }) => kind === 'started' && resolve());
      });
      await on.daemon().kill();
      await on.daemon().start();
      await run(plain.fresh?.() ?? plain, ['touch', '/tmp/go']);
      expect(await during.exec.wait()).toMatchObject({ kind: 'exited', status: 7 });
      expect(await after.exec.wait()).toMatchObject({ kind: 'exited', status: 8 });
      expect(await after.output).toMatchObject({ kind: 'truncated' });
      await remove(task);
    }, 120_000);
  },
  ['docker', 'podman'],
  ['--live-restore'],
);
