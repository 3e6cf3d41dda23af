/**
 * Connections that are lost at every moment of a call, over the real daemon and the real runtime: the container can be
 * deleted all the same, nothing of it is left, and the daemon leaves.
 */
import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { ociType, packJson, TaskDefinition } from '../../../src/shim/messages/index.js';
import { serviceClient, ttrpcClient } from '../../../src/shim/ttrpc/index.js';
import { dial } from '../../support/containerd/address.js';
import { processSpec } from '../../support/containerd/bundle.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import type { ShimContainer, Task } from '../../support/containerd/shim-container.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { noStreams } from '../../support/containerd/streams.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

type Call = (task: Task, container: ShimContainer) => Promise<unknown>;

const init = ({ id }: ShimContainer) => ({ id, execId: '' });
const exec = ({ id }: ShimContainer) => ({ id, execId: 'e' });
const running = async (container: ShimContainer): Promise<unknown> => container.run();
const ended = async (container: ShimContainer): Promise<void> => {
  await container.run();
  await container.task.kill({ ...init(container), signal: 9, all: false });
  await container.exitOf();
};
const withExec = async (container: ShimContainer): Promise<void> => {
  await container.run();
  const spec = packJson(ociType.process, processSpec(shell('exit 3')));
  await container.task.exec({ ...exec(container), ...noStreams, spec });
};
const withEndedExec = async (container: ShimContainer): Promise<void> => {
  await container.run();
  await container.exec('e', shell('exit 3'));
  await container.exitOf('e');
};
const paused = async (container: ShimContainer): Promise<void> => {
  await container.run();
  await container.task.pause({ id: container.id });
};

/** In milliseconds after the call was sent. Most calls take 5 to 50. */
const moments = [0, 2, 10, 40];

describeContainers('a connection that is lost during', () => {
  const host = useShimHost({ RXSHIM_GROUPING: 'namespace', RXSHIM_LINGER: '0s' });

  const create: Call = (task, { id, bundle }) =>
    task.create({
      ...noStreams,
      id,
      bundle,
      rootfs: [{ type: 'bind', source: host().rootfs, target: '', options: ['rbind', 'rw'] }],
      checkpoint: '',
      parentCheckpoint: '',
      options: undefined,
    });

  const methods: readonly [string, (container: ShimContainer) => Promise<unknown>, Call][] = [
    ['Create', async () => undefined, create],
    ['Start', (container) => container.create(), (task, container) => task.start(init(container))],
    ['Start of an exec', withExec, (task, container) => task.start(exec(container))],
    ['Kill', running, (task, container) => task.kill({ ...init(container), signal: 9, all: false })],
    ['Kill of all', running, (task, container) => task.kill({ ...init(container), signal: 9, all: true })],
    ['Pause', running, (task, { id }) => task.pause({ id })],
    ['Resume', paused, (task, { id }) => task.resume({ id })],
    ['Pids', running, (task, { id }) => task.pids({ id })],
    ['Wait', running, (task, container) => task.wait(init(container))],
    ['Delete of an exec', withEndedExec, (task, container) => task.delete(exec(container))],
    ['Delete', ended, (task, container) => task.delete(init(container))],
    [
      'Delete of one that was never started',
      (container) => container.create(),
      (task, container) => task.delete(init(container)),
    ],
  ];

  const cutAfter = async (container: ShimContainer, call: Call, milliseconds: number): Promise<void> => {
    const client = ttrpcClient(() => dial(container.address));
    const task = serviceClient(client, TaskDefinition);
    await task.connect({ id: container.id });
    const answer = call(task, container).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    client.close();
    await answer;
  };

  it.each(methods)('%s leaves a container that can be deleted', async (name, prepare, call) => {
    const shims = new Set<number>();
    const cut = async (moment: number): Promise<ShimContainer> => {
      const container = await host().container(sleeping);
      shims.add(await container.shimPid());
      const { task } = container;
      await prepare(container);
      await cutAfter(container, call, moment);
      // As a client does that has no answer: it asks again.
      await (name === 'Create' || name === 'Wait' ? undefined : call(task, container).catch(() => undefined));
      await task.resume({ id: container.id }).catch(() => undefined);
      await task.kill({ ...init(container), signal: 9, all: true }).catch(() => undefined);
      const known = await task.wait(init(container)).then(
        () => true,
        () => false,
      );
      if (known) await task.delete(init(container));
      for (const method of [task.state, task.delete] as const)
        await expect(method(init(container))).rejects.toMatchObject({ kind: 'notFound' });
      return container;
    };
    const containers = await Promise.all(moments.map(cut));
    // The shutdown of the first may end the daemon of all.
    await Promise.all(containers.map((container) => container.remove()));
    await until(() => [...shims].every((pid) => !existsSync(`/proc/${pid}`)));
    expect(host().census()).toEqual({
      processes: [],
      mounts: [],
      cgroups: [],
      runtimeState: [],
      sockets: [],
    });
  });
});
