/** What containerd waits for beside the container itself: the executable with `start` and with `delete`. */
import { group, openShimHost, type ShimHost, sleeping } from '../../spec/support/containerd/shim-host.js';
import type { Contender } from './contenders.js';
import { interleaved, type Row, timed } from './row.js';

export const calls = async (contenders: readonly Contender[], quick: boolean): Promise<Row[]> => {
  const rounds = quick ? 1 : 15;
  const hosts = await Promise.all(contenders.map(({ installed }) => openShimHost({}, installed)));
  try {
    const alone = await interleaved(hosts, rounds, async (host) => {
      const { id, path } = host.bundle(sleeping);
      const taken = await timed(() => host.call(id, path, 'start'));
      await host.adopt(id).remove();
      return taken;
    });
    const pods = await Promise.all(hosts.map(inPod));
    const joined = await interleaved(hosts, rounds, async (host) => {
      const { id, path } = host.bundle({ ...sleeping, ...pod });
      const taken = await timed(() => host.call(id, path, 'start'));
      await host.adopt(id).remove();
      return taken;
    });
    const deleted = await interleaved(hosts, rounds, async (host) => {
      const container = await host.container(sleeping);
      await container.run();
      await container.end();
      return timed(() => host.call(container.id, container.bundle, 'delete', ['-bundle', container.bundle]));
    });
    await Promise.all(pods.map((each) => each.remove()));
    return [
      { name: 'shim `start`, alone', unit: 'ms', values: alone },
      { name: 'shim `start`, into a live group', unit: 'ms', values: joined },
      { name: 'shim `delete`, nothing left to do', unit: 'ms', values: deleted },
    ];
  } finally {
    for (const host of hosts) {
      await host.tidy();
      await host.end();
    }
  }
};

const pod = group('pod-that-lives');

const inPod = async (host: ShimHost) => {
  const container = await host.container({ ...sleeping, ...pod });
  await container.run();
  return container;
};
