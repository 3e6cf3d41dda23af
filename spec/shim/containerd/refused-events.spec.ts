import { expect } from '@jest/globals';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { group, shell } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('events that containerd answers with an error', () => {
  const host = useShimHost();

  // One queue for all of them: the others wait until the refused one is given up.
  itIsBetter('hold up no other container of the same daemon, and are dropped at last', async () => {
    const pod = group('refused');
    const [refused, other] = [
      await host().container(shell('exit 1', pod)),
      await host().container(shell('exit 2', pod)),
    ];
    expect(refused.address).toBe(other.address);
    host().events.refuse(refused.id);
    await refused.run();
    await other.run();
    expect(await other.exitOf()).toBe(2);
    await host().events.received(other.id, 'exit');
    // A few attempts: it is far from being given up.
    expect(host().events.refusals).toBeLessThan(5);
    expect(host().events.topics(other.id)).toEqual(['create', 'start', 'exit']);
    await refused.task.delete({ id: refused.id, execId: '' });
    await other.task.delete({ id: other.id, execId: '' });
    await host().events.received(other.id, 'delete');
  });
});
