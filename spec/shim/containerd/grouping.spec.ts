/** The containers of a pod, or with a setting those of a namespace, share a daemon, at no cost. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { CreateTaskRequest } from '../../../src/shim/messages/index.js';
import { nothingLeft } from '../../support/containerd/census.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { isOwn } from '../../support/containerd/runtime.js';
import { group, shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('the containers of a pod', () => {
  const host = useShimHost();

  it('share a daemon, and others have their own', async () => {
    const pod = group('pod');
    const first = await host().container({ ...sleeping, ...pod });
    await first.run();
    const second = await host().container({ ...sleeping, ...pod });
    await second.run();
    const other = await host().container(sleeping);
    await other.run();
    expect(second.address).toBe(first.address);
    expect(readFileSync(join(second.bundle, 'address'), 'utf8').trim()).toBe(second.address);
    const [a, b, c] = await Promise.all([first.shimPid(), second.shimPid(), other.shimPid()]);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  it('end one by one: the daemon goes with the last, and its socket with it', async () => {
    const pod = group('pod-that-ends');
    const first = await host().container({ ...sleeping, ...pod });
    const second = await host().container({ ...sleeping, ...pod });
    await first.run();
    await second.run();
    const shim = await first.shimPid();
    await first.remove();
    expect(await second.shimPid()).toBe(shim);
    const exec = second.streams('e');
    await second.exec('e', shell('echo still'), exec.paths);
    expect(await exec.stdout()).toBe('still\n');
    await second.remove();
    await until(() => !existsSync(`/proc/${shim}`));
    expect(existsSync(first.address.replace('unix://', ''))).toBe(false);
  });

  // So does containerd 2.3 with all containers of a pod but the first: it calls neither `start` nor `delete` for them.
  it('are served without a start of their own, and Delete alone leaves nothing of them', async () => {
    const pod = group('pod-with-one-start');
    const first = await host().container({ ...sleeping, ...pod });
    await first.run();
    const { id, path } = host().bundle({ ...sleeping, ...pod });
    const init = { id, execId: '' };
    const root = { type: 'bind', source: host().rootfs, target: '', options: ['rbind', 'rw'] };
    const { task } = first;
    const { pid } = await task.create(CreateTaskRequest.create({ id, bundle: path, rootfs: [root] }));
    await task.start(init);
    await first.task.delete({ id: first.id, execId: '' }).catch(() => undefined);
    await task.kill({ ...init, signal: 9, all: false });
    expect((await task.wait(init)).exitStatus).toBe(137);
    expect(await task.delete(init)).toMatchObject({ pid, exitStatus: 137 });
    const { mounts, cgroups, runtimeState, processes } = host().census();
    const left = [...mounts, ...cgroups, ...runtimeState, ...processes].filter((each) =>
      new RegExp(`/${id}(/|$)|^${id}$`).test(each),
    );
    expect(left).toEqual([]);
    expect((await task.connect({ id })).shimPid).toBe(await first.shimPid());
  });

  it('may be started all at once, and still share one daemon', async () => {
    const pod = group('pod-at-once');
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => host().container({ ...sleeping, ...pod })));
    await Promise.all(all.map((each) => each.run()));
    const shims = await Promise.all(all.map((each) => each.shimPid()));
    expect(new Set(shims).size).toBe(1);
  });
});

(isOwn ? describeContainers : () => undefined)('a daemon for a namespace', () => {
  const host = useShimHost({ RXSHIM_GROUPING: 'namespace', RXSHIM_LINGER: '60s' });

  it('serves containers of any pod, and stays warm for the next one', async () => {
    const first = await host().container({ ...sleeping, ...group('one') });
    await first.run();
    const shim = await first.shimPid();
    const second = await host().container(shell('exit 5'));
    await second.run();
    expect(await second.exitOf()).toBe(5);
    expect(await second.shimPid()).toBe(shim);
    await first.remove();
    await second.remove();
    const third = await host().container(shell('exit 6'));
    await third.run();
    expect(await third.exitOf()).toBe(6);
    expect(await third.shimPid()).toBe(shim);
  });

  it('leaves nothing of the containers that are gone, though it stays', async () => {
    await nothingLeft(host().census, 'mounts', 'cgroups', 'runtimeState');
  });
});
