/** containerd is killed while it starts a container, at one moment or another; when it is back, all can be put in order. */
import { setTimeout as after } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { nothingLeft } from '../../support/containerd/census.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';

describeContainers('containerd, killed while it starts a container,', () => {
  const containerd = useContainerd();

  it('finds what there is when it is back, can remove it, and no container is left', async () => {
    // Not a time that anything should take: moments spread over a start.
    for (const moment of [5, 25, 45, 65, 90, 120, 160, 220]) {
      const id = `killed-at-${moment}`;
      const run = containerd().startRun(['-d'], id, ['sleep', '600']);
      await after(moment);
      await containerd().stop('SIGKILL');
      await run.ended;
      await containerd().start();
      await containerd().tidy();
      expect((await containerd().ctr(['task', 'ls', '-q'])).stdout).toBe('');
    }
    // A shim that was started and then forgotten may wait for its container a while longer.
    await nothingLeft(containerd().census, 'mounts', 'cgroups', 'runtimeState');
  });
});
