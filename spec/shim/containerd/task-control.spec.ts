/** What is asked of a running container: its processes, what it uses, new limits, signals to all of it, waiting for its end. */
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import {
  cgroups1,
  ociType,
  type ProcessInfo,
  packJson,
  runc,
  Status,
  unpack,
} from '../../../src/shim/messages/index.js';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import type { ShimContainer } from '../../support/containerd/shim-container.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';
import { hasEnded } from '../../support/has-ended.js';

describeContainers('a running container', () => {
  const host = useShimHost();
  const starting = async (spec = sleeping): Promise<ShimContainer> => {
    const container = await host().container(spec);
    await container.run();
    return container;
  };
  const processes = async ({ id, task }: ShimContainer): Promise<ProcessInfo[]> =>
    (await task.pids({ id })).processes;

  it('lists its processes, and says which of them are execs', async () => {
    const container = await starting();
    const init = (await container.task.state({ id: container.id, execId: '' })).pid;
    const exec = await container.exec('named', sleeping);
    const list = await processes(container);
    expect(list.map(({ pid }) => pid).sort()).toEqual([init, exec].sort());
    const details = list.map(({ info }) => unpack(runc.ProcessDetails, info)?.execId);
    expect(details.filter((name) => name !== undefined)).toEqual(['named']);
    expect(unpack(runc.ProcessDetails, list.find(({ pid }) => pid === exec)?.info)?.execId).toBe('named');
  });

  it('reports what it uses, in the form of this machine’s cgroups', async () => {
    const container = await starting({ ...sleeping, memory: 64 * 1024 * 1024 });
    const { id, task } = container;
    // The runtime that started it may still be counted for a moment.
    const current = async () => unpack(cgroups1.Metrics, (await task.stats({ id })).stats)?.pids?.current;
    await until(async () => (await current()) === 1n);
    const { stats } = await task.stats({ id });
    expect(stats?.typeUrl).toBe('io.containerd.cgroups.v1.Metrics');
    const metrics = unpack(cgroups1.Metrics, stats);
    expect(metrics?.memory?.usage?.limit).toBe(64n * 1024n * 1024n);
    expect(Number(metrics?.memory?.usage?.usage)).toBeGreaterThan(0);
    expect(Number(metrics?.cpu?.usage?.total)).toBeGreaterThan(0);
  });

  it('gets new limits while it runs', async () => {
    const container = await starting({ ...sleeping, memory: 64 * 1024 * 1024 });
    const { id, task } = container;
    const limit = (): string =>
      readFileSync(`/sys/fs/cgroup/memory/${host().namespace}/${id}/memory.limit_in_bytes`, 'utf8').trim();
    expect(limit()).toBe(String(64 * 1024 * 1024));
    const resources = packJson(ociType.linuxResources, { memory: { limit: 32 * 1024 * 1024 } });
    await task.update({ id, resources, annotations: {} });
    expect(limit()).toBe(String(32 * 1024 * 1024));
  });

  it('that exceeds its memory limit is killed, and that is published', async () => {
    const container = await starting({ ...shell('sleep 0.3; tail /dev/zero'), memory: 16 * 1024 * 1024 });
    expect(await container.exitOf()).toBe(137);
    await host().events.received(container.id, 'oom');
    await host().events.received(container.id, 'exit');
  });

  it('gets a signal for all its processes when that is asked', async () => {
    const container = await starting(shell('sleep 600 & sleep 600 & wait; wait'));
    await container.exec('also', sleeping);
    await until(async () => (await processes(container)).length === 4);
    await container.task.kill({ id: container.id, execId: '', signal: 9, all: true });
    expect(await container.exitOf('also')).toBe(137);
    expect(await container.exitOf()).toBe(137);
  });

  it('takes its processes with it when it shares the pid namespace of the host', async () => {
    const container = await starting({ ...shell('sleep 601 & sleep 602 & exec sleep 603'), shares: ['pid'] });
    await until(async () => (await processes(container)).length === 3);
    const pids = (await processes(container)).map(({ pid }) => pid);
    await container.task.kill({ id: container.id, execId: '', signal: 9, all: false });
    expect(await container.exitOf()).toBe(137);
    await until(() => pids.every((pid) => !lives(pid)));
    await container.task.delete({ id: container.id, execId: '' });
  });

  it('is waited for by many at once, before and after its end', async () => {
    const container = await starting(shell('sleep 0.3; exit 9'));
    const before = Promise.all(Array.from({ length: 50 }, () => container.exitOf()));
    expect(await before).toEqual(Array(50).fill(9));
    expect(await Promise.all(Array.from({ length: 5 }, () => container.exitOf()))).toEqual(Array(5).fill(9));
  });

  it('takes signals by number, real-time ones too', async () => {
    const container = await starting(
      shell('trap "exit 21" USR1; trap "exit 34" 34; echo ready; while :; do sleep 0.05; done'),
    );
    await until(
      async () => (await container.task.state({ id: container.id, execId: '' })).status === Status.RUNNING,
    );
    const exec = container.streams('e');
    await container.exec(
      'e',
      shell('trap "exit 22" USR2; echo ready; while :; do sleep 0.05; done'),
      exec.paths,
    );
    await exec.reads(/ready\n/);
    await container.task.kill({ id: container.id, execId: 'e', signal: 12, all: false });
    expect(await container.exitOf('e')).toBe(22);
    await container.task.kill({ id: container.id, execId: '', signal: 10, all: false });
    expect(await container.exitOf()).toBe(21);
  });

  it('that is killed while it is paused has ended', async () => {
    const container = await starting();
    const { id, task } = container;
    await task.pause({ id });
    await task.kill({ id, execId: '', signal: 9, all: false });
    // With cgroups of version 1 the signal is taken when it goes on.
    await task.resume({ id }).catch(() => undefined);
    expect(await container.exitOf()).toBe(137);
    expect((await task.state({ id, execId: '' })).status).toBe(Status.STOPPED);
    await task.delete({ id, execId: '' });
  });

  it('runs an exec before it has been started itself', async () => {
    const container = await host().container(sleeping);
    await container.create();
    await container.exec('early', shell('exit 7'));
    expect(await container.exitOf('early')).toBe(7);
    await container.task.start({ id: container.id, execId: '' });
    expect((await container.task.state({ id: container.id, execId: '' })).status).toBe(Status.RUNNING);
  });
});

const lives = (pid: number): boolean => !hasEnded(pid);
