/** Containers in the pid namespace of the host: their end does not end their processes by itself. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { shell } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

/** The states of the children of a process, as in /proc. */
const childrenOf = (parent: number): readonly string[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state = '', pid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(pid) === parent ? [state] : [];
    } catch {
      return [];
    }
  });

/** Whether a process sleeps for exactly so many seconds. */
const sleeps = (seconds: string): boolean =>
  readdirSync('/proc').some((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'latin1') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  });

describeContainers('a container in the pid namespace of the host', () => {
  const host = useShimHost();

  it('ends with its init, and what init and execs left behind is killed', async () => {
    const [ofInit, ofExec] = [`${process.pid}1.5`, `${process.pid}2.5`];
    const container = await host().container({
      ...shell(`sleep ${ofInit} & read line < /go; exit 5`),
      shares: ['pid'],
    });
    const go = `${host().rootfs}/go`;
    await container.create();
    execFileSync('mkfifo', [go]);
    await container.task.start({ id: container.id, execId: '' });
    await container.exec('e', shell(`sleep ${ofExec} & exec sleep 4713`));
    await until(() => sleeps(ofInit) && sleeps(ofExec));
    execFileSync('sh', ['-c', 'echo > "$1"', 'sh', go]);
    expect(await container.exitOf()).toBe(5);
    expect(await container.exitOf('e')).toBe(137);
    await until(() => !sleeps(ofInit) && !sleeps(ofExec));
    execFileSync('rm', [go]);
  });

  it('leaves no zombie of what its execs left behind', async () => {
    const container = await host().container({ args: ['sleep', '600'], shares: ['pid'] });
    await container.run();
    const shim = await container.shimPid();
    for (let count = 0; count < 10; count += 1) {
      const execId = `e${count}`;
      await container.exec(execId, shell('sleep 0.1 & exit 0'));
      expect(await container.exitOf(execId)).toBe(0);
      await container.task.delete({ id: container.id, execId });
    }
    // Its init alone.
    await until(() => childrenOf(shim).join() === 'S');
  });
});
