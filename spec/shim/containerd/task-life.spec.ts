/** The Task service of a shim, called as containerd calls it: the life of a container and of its execs. */
import { expect, it } from '@jest/globals';
import { Status } from '../../../src/shim/messages/index.js';
import { nothingLeft } from '../../support/containerd/census.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('a container of the shim', () => {
  const host = useShimHost();

  it('is created, then runs, then has stopped, with its pid from the first and its exit at the last', async () => {
    const container = await host().container(shell('sleep 0.2; exit 3'));
    const { id, task } = container;
    const pid = await container.create();
    expect(pid).toBeGreaterThan(1);
    const created = await task.state({ id, execId: '' });
    expect(created).toMatchObject({
      id,
      bundle: container.bundle,
      pid,
      status: Status.CREATED,
      exitStatus: 0,
    });
    expect(await task.start({ id, execId: '' })).toMatchObject({ pid });
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
    expect(await container.exitOf()).toBe(3);
    const stopped = await task.state({ id, execId: '' });
    expect(stopped).toMatchObject({ pid, status: Status.STOPPED, exitStatus: 3 });
    expect(Math.abs((stopped.exitedAt?.seconds ?? 0) - Date.now() / 1000)).toBeLessThan(60);
    expect(await task.delete({ id, execId: '' })).toMatchObject({ pid, exitStatus: 3 });
    await expect(task.state({ id, execId: '' })).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('has the exit code of its process, or 128 and the number of the signal that ended it', async () => {
    const codeOf = async (script: string): Promise<number> => {
      const container = await host().container(shell(script));
      await container.run();
      return container.exitOf();
    };
    const scripts = ['true', 'exit 1', 'exit 42', 'exit 255'];
    expect(await Promise.all(scripts.map(codeOf))).toEqual([0, 1, 42, 255]);
    const killed = await host().container(sleeping);
    await killed.run();
    await killed.task.kill({ id: killed.id, execId: '', signal: 9, all: false });
    expect(await killed.exitOf()).toBe(137);
  });

  it('reports its life in events, in order', async () => {
    const container = await host().container(sleeping);
    const { id, task } = container;
    await container.run();
    await container.exec('one', shell('exit 5'));
    await container.exitOf('one');
    await task.delete({ id, execId: 'one' });
    await task.pause({ id });
    await task.resume({ id });
    await task.kill({ id, execId: '', signal: 9, all: false });
    await container.exitOf();
    await task.delete({ id, execId: '' });
    await host().events.received(id, 'delete');
    const topics = host()
      .events.topics(id)
      .filter((topic) => topic !== 'delete one');
    expect(topics).toEqual([
      'create',
      'start',
      'exec-added one',
      'exec-started one',
      'exit one',
      'paused',
      'resumed',
      'exit',
      'delete',
    ]);
    const events = host().events.of(id);
    expect(events.find(({ topic, execId }) => topic === '/tasks/exit' && execId === 'one')?.exitStatus).toBe(
      5,
    );
    expect(events.find(({ topic, execId }) => topic === '/tasks/exit' && execId === '')?.exitStatus).toBe(
      137,
    );
    expect(new Set(events.map(({ namespace }) => namespace))).toEqual(new Set([host().namespace]));
  });

  it('leaves nothing on the machine when it has been deleted', async () => {
    const container = await host().container(shell('exit 0'));
    await container.run();
    await container.exitOf();
    await container.remove();
    await nothingLeft(host().census, 'sockets');
    expect(host().census()).toMatchObject({ mounts: [], cgroups: [], runtimeState: [] });
  });
});
