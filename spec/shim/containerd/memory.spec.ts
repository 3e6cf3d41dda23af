import { expect, test } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { privateMemory } from '../../support/containerd/private-memory.js';
import { until } from '../../support/containerd/run.js';
import { isOwn } from '../../support/containerd/runtime.js';
import { sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('the memory of a daemon', () => {
  const host = useShimHost();
  const execs = 400;

  test(
    'stays bounded while execs come and go, and is given back when they are over',
    async () => {
      const container = await host().container(sleeping);
      await container.run();
      const pid = await container.shimPid();
      const live = async (execId: string): Promise<void> => {
        await container.exec(execId, { args: ['true'] });
        expect(await container.exitOf(execId)).toBe(0);
        await container.task.delete({ id: container.id, execId });
      };
      await live('first');
      const first = privateMemory(pid);
      for (let number = 0; number < execs; number += 4)
        await Promise.all([0, 1, 2, 3].map((each) => live(`e${number + each}`)));
      // Without a bound to the space of young objects it was three times as much.
      expect(privateMemory(pid)).toBeLessThan(2.4 * first);
      await until(() => privateMemory(pid) < 1.3 * first);
    },
    isOwn ? 120_000 : 60_000,
  );
});
