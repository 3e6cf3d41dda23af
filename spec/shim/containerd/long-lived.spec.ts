/** Containers that live for more than a minute of real time: no timer of the daemon may end them. */
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { isOwn } from '../../support/containerd/runtime.js';
import { group, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

/** Longer than any of the daemon's own timers. */
const longTime = 75_000;
const withRoom = 3 * longTime;

describeContainers('a container that lives for more than a minute', () => {
  const byPod = useShimHost();
  const byNamespace = useShimHost(isOwn ? { RXSHIM_GROUPING: 'namespace' } : {});

  it(
    'runs on, alone in its daemon, in a pod, and as the only one of its namespace',
    async () => {
      const sandbox = group('pod-with-a-late-container');
      const lone = await byPod().container(sleeping);
      const first = await byPod().container({ ...sleeping, ...sandbox });
      const only = await byNamespace().container(sleeping);
      const inits = [await lone.run(), await first.run(), await only.run()];
      await setTimeout(longTime);
      const late = await byPod().container({ ...sleeping, ...sandbox });
      inits.push(await late.run());
      expect(inits.map((pid) => existsSync(`/proc/${pid}`))).toEqual([true, true, true, true]);
      expect(await late.shimPid()).toBe(await first.shimPid());
    },
    withRoom,
  );
});
