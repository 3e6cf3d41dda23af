import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { docker } from '../../../src/hcs/docker/index.js';
import { createTask, lines, type Task, text } from '../../../src/index.js';
import { image, startDocker } from '../../support/docker-daemons.js';
import { lackAsRoot } from '../../support/lacks.js';
import { describeWith } from '../../support/needs.js';
import { onEachDaemon } from './on-daemons.js';

const counting = 'i=0; while [ $i -lt 40 ]; do echo $i; i=$((i+1)); sleep 0.1; done; exit 9';
const counted = `${Array.from({ length: 40 }, (_, at) => at).join('\n')}\n`;

describeWith(lackAsRoot('dockerd', 'runc', 'busybox'))(
  'a daemon of Docker that is killed and started again',
  () => {
    const killedWhile = async (
      command: string,
      flags: readonly string[],
      check: (task: Task, output: Promise<string>) => Promise<void>,
    ): Promise<void> => {
      const daemon = await startDocker(...flags);
      try {
        const system = docker({
          host: daemon.host,
          image,
          network: 'none',
          pull: 'never',
          command: ['sh', '-c', command],
        });
        const task = await createTask({ id: 'counter', system, stdio: { stdout: 'pipe' } });
        await task.init.start();
        const output = text(task.init.stdout);
        // Errors are looked at when the task has ended.
        output.catch(() => undefined);
        await pause(500);
        await daemon.kill();
        await pause(300);
        // That nothing is heard of it does not mean that it has ended.
        expect(task.init.state).toBe('running');
        await daemon.start();
        await check(task, output);
        await task.delete();
      } finally {
        await daemon.remove();
      }
    };

    test(
      'with live-restore reports the true exit of a container, and its output once',
      () =>
        killedWhile(counting, ['--live-restore'], async (task, output) => {
          expect(await task.wait()).toMatchObject({ kind: 'exited', status: 9 });
          expect(await output).toBe(counted);
        }),
      120_000,
    );

    // The killed daemon has passed the beginning on, and takes it with it: its log has whole lines.
    test(
      'with live-restore has the whole of a line whose beginning the killed daemon had read',
      () =>
        killedWhile(
          'echo begun; printf "one "; sleep 3; echo line; echo another; exit 9',
          ['--live-restore'],
          async (task, output) => {
            expect(await task.wait()).toMatchObject({ kind: 'exited', status: 9 });
            expect(await output).toBe('begun\none line\nanother\n');
          },
        ),
      120_000,
    );

    test(
      'without it has killed its containers, and says so',
      () =>
        killedWhile('echo begun; exec sleep 1000', [], async (task, output) => {
          expect(await task.wait()).toMatchObject({ kind: 'exited', status: 137 });
          expect(await output).toBe('begun\n');
        }),
      120_000,
    );
  },
);

onEachDaemon(
  'a service that is killed and started again',
  ({ daemon, task }) => {
    test('reports the true exit of a container, and no line of it twice', async () => {
      const one = await task({ command: ['sh', '-c', counting] }, { stdio: { stdout: 'pipe' } });
      const output = text(one.init.stdout);
      await pause(500);
      await daemon().kill();
      await daemon().start();
      expect(await one.wait()).toMatchObject({ kind: 'exited', status: 9 });
      expect(await output).toBe(counted);
      await one.delete();
    }, 120_000);
  },
  ['podman'],
);

onEachDaemon('a container that another client', ({ task, container, daemon }) => {
  const other = (name: string, ...path: readonly string[]) =>
    fetchFrom(daemon().socket, path[0] as string, `/containers/${name}${path[1] ?? ''}`);

  test('removes has ended, and is gone', async () => {
    const one = await task({ command: ['sleep', '100'] });
    await other(one.system.id, 'DELETE', '?force=1&t=0');
    const outcome = await one.wait();
    expect(['exited', 'lost']).toContain(outcome.kind);
    expect(outcome.status).not.toBe(0);
    await one.delete();
  });

  test('renames, pauses and stops is the same container all the time', async () => {
    const one = await task(
      { command: ['sh', '-c', 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done'] },
      { stdio: { stdout: 'pipe' } },
    );
    for await (const _ of lines(one.init.stdout)) break;
    const { id } = one.system;
    await other(id, 'POST', `/rename?name=${id}-new`);
    await other(`${id}-new`, 'POST', '/pause');
    await other(`${id}-new`, 'POST', '/unpause');
    await other(`${id}-new`, 'POST', '/stop?t=5');
    expect(await one.wait()).toMatchObject({ kind: 'exited', status: 3 });
    await one.delete();
    expect(container).toBeDefined();
  });
});

const fetchFrom = async (socketPath: string, method: string, path: string): Promise<number> => {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path: `/v1.41${path}`, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end();
  });
};
