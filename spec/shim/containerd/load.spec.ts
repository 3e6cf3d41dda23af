/** Many at once: every exit code is right, the events of every life are in order, and nothing is left. */
import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { nothingLeft } from '../../support/containerd/census.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { group, shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

/** Does it for every number, so many at a time. */
const inSequence = async (
  count: number,
  atOnce: number,
  act: (index: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const worker = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

describeContainers('many containers', () => {
  const host = useShimHost();

  it('a hundred short ones have a hundred exits, each with its own code, and leave nothing', async () => {
    const codes = new Map<number, number>();
    // Pods that are there already, as they are where many containers come and go.
    for (let pod = 0; pod < 3; pod += 1)
      await (await host().container({ ...sleeping, ...group(`pod-${pod}`) })).run();
    await inSequence(100, 8, async (index) => {
      const container = await host().container({ ...shell(`exit ${index}`), ...group(`pod-${index % 3}`) });
      await container.run();
      codes.set(index, await container.exitOf());
      await container.task.delete({ id: container.id, execId: '' });
      await host().events.received(container.id, 'delete');
      expect(host().events.topics(container.id)).toEqual(['create', 'start', 'exit', 'delete']);
      await container.remove();
    });
    expect([...codes].every(([index, code]) => code === index)).toBe(true);
    expect(codes.size).toBe(100);
    await host().tidy();
    await nothingLeft(host().census, 'mounts', 'cgroups', 'runtimeState', 'sockets');
  }, 120_000);

  it('twenty that are alone, at once, have twenty exits too', async () => {
    const exits = Array.from({ length: 20 }, async (_, index) => {
      const container = await host().container(shell(`exit ${index}`));
      await container.run();
      return container.exitOf();
    });
    expect(await Promise.all(exits)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  }, 60_000);
});

describeContainers('many execs', () => {
  const host = useShimHost();

  it('a hundred at once have a hundred exits, each with its own code and its own words', async () => {
    const container = await host().container(sleeping);
    const { id, task } = container;
    await container.run();
    const shim = await container.shimPid();
    const open = () => readdirSync(`/proc/${shim}/fd`).length;
    const life = async (index: number) => {
      const execId = `e${index}`;
      const io = container.streams(execId);
      await container.exec(execId, shell(`echo ${index}; exit ${index}`), io.paths);
      const [out, code] = await Promise.all([io.stdout(), container.exitOf(execId)]);
      await task.delete({ id, execId });
      return `${out.trim()} ${code}`;
    };
    expect(await life(100)).toBe('100 100');
    const before = open();
    const lives = await Promise.all(Array.from({ length: 100 }, (_, index) => life(index)));
    expect(lives).toEqual(Array.from({ length: 100 }, (_, index) => `${index} ${index}`));
    expect((await task.pids({ id })).processes).toHaveLength(1);
    await until(() => open() <= before + 2);
    await until(
      () =>
        host()
          .events.topics(id)
          .filter((topic) => topic.startsWith('exit ')).length === 101,
    );
    for (let index = 0; index <= 100; index += 1) {
      const own = host()
        .events.topics(id)
        .filter((topic) => topic.endsWith(` e${index}`) && !topic.startsWith('delete'));
      expect(own).toEqual([`exec-added e${index}`, `exec-started e${index}`, `exit e${index}`]);
    }
  }, 60_000);

  it('that race with the end of their container leave its exit the last', async () => {
    for (let round = 0; round < 5; round += 1) {
      const container = await host().container(sleeping);
      const { id, task } = container;
      await container.run();
      const execs = Array.from({ length: 5 }, (_, index) =>
        container.exec(`r${index}`, sleeping).then(
          () => true,
          () => false,
        ),
      );
      await execs[0];
      await task.kill({ id, execId: '', signal: 9, all: false });
      await Promise.all(execs);
      expect(await container.exitOf()).toBe(137);
      await host().events.received(id, 'exit');
      await task.delete({ id, execId: '' });
      await host().events.received(id, 'delete');
      const topics = host().events.topics(id);
      const started = topics.filter((topic) => topic.startsWith('exec-started'));
      for (const each of started) expect(topics).toContain(each.replace('exec-started', 'exit'));
      expect(topics.filter((topic) => topic === 'exit')).toHaveLength(1);
      await container.remove();
    }
  });
});
