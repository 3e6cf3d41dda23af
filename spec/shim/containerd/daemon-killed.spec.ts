/** The shim's daemon is killed, as by the kernel for want of memory: containerd ends what it served, and says so. */
import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { nothingLeft } from '../../support/containerd/census.js';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { isOwn } from '../../support/containerd/runtime.js';
import { group, sleeping } from '../../support/containerd/shim-host.js';
import { useContainerd } from '../../support/containerd/use-containerd.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('a daemon that is killed', () => {
  const containerd = useContainerd();

  it('ends its container with 137, as containerd reports, and nothing is left of it', async () => {
    const events = await containerd().events();
    const id = 'orphan';
    const run = containerd().startRun(['--rm'], id, ['sh', '-c', 'echo ready; exec sleep 600']);
    await run.said(/ready/);
    const pid = Number(/^orphan\s+(\d+)/m.exec((await containerd().ctr(['task', 'ls'])).stdout)?.[1]);
    const shim = containerd().shim(id);
    process.kill(await shim.shimPid(), 'SIGKILL');
    shim.close();
    await events.received(id, 'exit');
    const exit = events
      .all()
      .find(({ topic, event }) => topic === '/tasks/exit' && event['container_id'] === id);
    expect(exit?.event).toMatchObject({ exit_status: 137, pid });
    await events.stop();
    expect((await run.ended).code).not.toBe(0);
    await until(() => !existsSync(`/proc/${pid}`));
    // The reference leaves its socket.
    await nothingLeft(containerd().census, 'mounts', 'cgroups', 'runtimeState', 'processes');
    if (isOwn) await nothingLeft(containerd().census, 'sockets');
  });

  it('keeps nothing from running under the same name afterwards', async () => {
    const runs = async (): Promise<boolean> => {
      const { code, stderr } = await containerd().run(['-d'], 'again', ['sleep', '600']);
      if (code === 0) return true;
      // containerd takes a moment to forget the task after it no longer lists it.
      expect(stderr).toMatch(/task again: already exists/);
      await containerd().ctr(['containers', 'rm', 'again']);
      return false;
    };
    for (let round = 0; round < 2; round += 1) {
      await until(runs);
      const shim = containerd().shim('again');
      process.kill(await shim.shimPid(), 'SIGKILL');
      shim.close();
      await until(async () => !(await containerd().ctr(['task', 'ls', '-q'])).stdout.includes('again'));
      expect((await containerd().ctr(['containers', 'rm', 'again'])).code).toBe(0);
    }
    await until(runs);
  });
});

describeContainers('the executable with `delete`', () => {
  const host = useShimHost();

  it('ends what a killed daemon left, says 137 and the pid, and leaves the rest of its group alone', async () => {
    const pod = group('pod-of-the-killed');
    const one = await host().container({ ...sleeping, ...pod });
    const pid = await one.run();
    const two = await host().container({ ...sleeping, ...pod });
    await two.run();
    const shim = await one.shimPid();
    expect(await two.shimPid()).toBe(shim);
    process.kill(shim, 'SIGKILL');
    await one.client.closed;
    const { ended, reply } = await one.cleanUp();
    expect(ended.code).toBe(0);
    if (isOwn) expect(ended.stderr).toBe('');
    expect(reply).toMatchObject({ pid, exitStatus: 137 });
    await until(() => !existsSync(`/proc/${pid}`));
    expect(host().census()).toMatchObject({ mounts: [`${two.bundle}/rootfs`], runtimeState: [two.id] });
    expect((await two.cleanUp()).reply.exitStatus).toBe(137);
    expect(host().census()).toMatchObject({ mounts: [], cgroups: [], runtimeState: [] });
  });

  itIsBetter('may be called again, and where there is nothing, without a word', async () => {
    const container = await host().container(sleeping);
    await container.run();
    await container.remove();
    const never = host().bundle(sleeping);
    for (const bundle of [never, never]) {
      const ended = await host().call(bundle.id, bundle.path, 'delete', ['-bundle', bundle.path]);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
