/** A file system that takes long to unmount, or for ever: its container is deleted once, and no other one waits for it. */
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { describeContainersWith, itIsBetter } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import type { ShimContainer } from '../../support/containerd/shim-container.js';
import { shell } from '../../support/containerd/shim-host.js';
import { type SlowUnmounts, slowUnmounts } from '../../support/containerd/slow-unmounts.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainersWith('strace')('a root filesystem that is slow to unmount', () => {
  const host = useShimHost({ RXSHIM_GROUPING: 'namespace', RXSHIM_LINGER: '0s' });
  let slow: SlowUnmounts | undefined;
  afterEach(async () => {
    await slow?.end();
    slow = undefined;
  });

  const ended = async (): Promise<ShimContainer> => {
    const container = await host().container(shell('exit 3'));
    await container.run();
    await container.exitOf();
    return container;
  };
  const slowly = async (containers: readonly ShimContainer[], delay: number): Promise<SlowUnmounts> => {
    const pid = await (containers[0] as ShimContainer).shimPid();
    const places = containers.map(({ bundle }) => join(bundle, 'rootfs'));
    slow = await slowUnmounts(pid, places, { delay, directory: host().directory });
    return slow;
  };
  const deleteOf = ({ id, task }: ShimContainer, timeout: number): Promise<string> =>
    task.delete({ id, execId: '' }, { timeout }).then(
      ({ exitStatus }) => `deleted ${exitStatus}`,
      (error) => error.kind,
    );

  it('is unmounted once, however often its container is deleted meanwhile', async () => {
    const container = await ended();
    const { count } = await slowly([container], 1_500);
    expect(await deleteOf(container, 500)).toBe('deadlineExceeded');
    // These join the first: one gives up again, the other has its answer.
    const again = [deleteOf(container, 100), deleteOf(container, 30_000)];
    expect((await Promise.all(again)).at(-1)).toBe('deleted 3');
    expect(await deleteOf(container, 30_000)).toBe('notFound');
    // The mount itself, and a look whether there is another.
    expect(count()).toBe(2);
  });

  itIsBetter('keeps nothing from other containers, however many such there are', async () => {
    const stuck: ShimContainer[] = [];
    for (let index = 0; index < 6; index += 1) stuck.push(await ended());
    const { end } = await slowly(stuck, 600_000);
    const late = await Promise.all(stuck.map((container) => deleteOf(container, 300)));
    expect(late).toEqual(stuck.map(() => 'deadlineExceeded'));

    const other = await host().container(shell('sleep 600'));
    await other.run();
    const io = other.streams('e');
    await other.exec('e', shell('echo served'), io.paths);
    expect(await io.stdout()).toBe('served\n');
    expect(await other.exitOf('e')).toBe(0);
    await other.task.kill({ id: other.id, execId: '', signal: 9, all: false });
    expect(await other.exitOf()).toBe(137);
    expect(await deleteOf(other, 60_000)).toBe('deleted 137');
    expect(await deleteOf(stuck[0] as ShimContainer, 100)).toBe('deadlineExceeded');

    await end();
    for (const container of stuck)
      await until(async () => (await deleteOf(container, 60_000)) === 'notFound');
  });
});
