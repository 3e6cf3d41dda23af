/** containerd goes away and comes back; the containers do not notice, and nothing that happened meanwhile is lost. */
import { existsSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';
import { hasEnded } from '../../support/has-ended.js';

describeContainers('a restart of containerd', () => {
  const containerd = useContainerd();
  const pidOf = async (id: string): Promise<number> =>
    Number(new RegExp(`^${id}\\s+(\\d+)`, 'm').exec((await containerd().ctr(['task', 'ls'])).stdout)?.[1]);
  const listed = async (id: string): Promise<string | undefined> =>
    new RegExp(`^${id}\\s+\\d+\\s+(\\w+)`, 'm').exec((await containerd().ctr(['task', 'ls'])).stdout)?.[1];

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`by ${signal} leaves a container running, which is then served as before`, async () => {
      const id = `through-${signal.toLowerCase()}`;
      await containerd().run(['-d'], id, ['sleep', '600']);
      const pid = await pidOf(id);
      await containerd().stop(signal);
      expect(hasEnded(pid)).toBe(false);
      await containerd().start();
      expect(await pidOf(id)).toBe(pid);
      const exec = await containerd().ctr([
        'task',
        'exec',
        '--exec-id',
        'e',
        id,
        'sh',
        '-c',
        'echo here; exit 4',
      ]);
      expect(exec).toMatchObject({ code: 4, stdout: 'here\n' });
      await containerd().ctr(['task', 'kill', '-s', 'KILL', id]);
      await until(async () => (await listed(id)) === 'STOPPED');
      expect((await containerd().ctr(['task', 'rm', id])).stderr).toContain('exit code 137');
    });
  }

  it('gets afterwards the exits that happened while it was down, with their exit codes', async () => {
    await containerd().run(['-d'], 'meanwhile', [
      'sh',
      '-c',
      'while ! [ -e /tmp/go ]; do sleep 0.02; done; exit 23',
    ]);
    const pid = await pidOf('meanwhile');
    await containerd().stop('SIGKILL');
    // The container's own view of its files, from outside.
    writeFileSync(`/proc/${pid}/root/tmp/go`, '');
    await until(() => hasEnded(pid));
    await containerd().start();
    await until(async () => (await listed('meanwhile')) === 'STOPPED');
    expect((await containerd().ctr(['task', 'rm', 'meanwhile'])).stderr).toContain('exit code 23');
    await until(() => !existsSync(containerd().bundle('meanwhile')));
  });
});

describeContainers('events, while containerd is away', () => {
  const host = useShimHost();

  it('wait, and come in order and once each when it is back', async () => {
    const container = await host().container(sleeping);
    const { id, task } = container;
    await container.run();
    await host().events.received(id, 'start');
    await host().events.stop();
    await container.exec('e', shell('exit 3'));
    await container.exitOf('e');
    await task.pause({ id });
    await task.resume({ id });
    await task.kill({ id, execId: '', signal: 9, all: false });
    expect(await container.exitOf()).toBe(137);
    await host().events.start();
    await host().events.received(id, 'exit');
    await task.delete({ id, execId: 'e' });
    await task.delete({ id, execId: '' });
    await host().events.received(id, 'delete');
    const topics = host()
      .events.topics(id)
      .filter((topic) => topic !== 'delete e');
    expect(topics).toEqual([
      'create',
      'start',
      'exec-added e',
      'exec-started e',
      'exit e',
      'paused',
      'resumed',
      'exit',
      'delete',
    ]);
  });
});
