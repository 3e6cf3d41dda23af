/** When an exit is published while something else still holds the output, and what becomes of that output. */
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

const chatter = shell('while :; do echo late; sleep 0.2; done & echo said; exit 5');

/** Whether a promise is pending after so many milliseconds. */
const pendingAfter = (milliseconds: number, promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), milliseconds)),
  ]);

describeContainers('the exit of a process whose output is held open', () => {
  const host = useShimHost();

  it('of an exec comes after the two seconds, whatever a grandchild writes, and its output ends then', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const io = container.streams('e');
    await container.exec('e', chatter, io.paths);
    expect(await container.exitOf('e')).toBe(5);
    expect(await io.stdout()).toMatch(/^said\n|late\n/);
  });

  it('of an init comes after them too', async () => {
    const container = await host().container({ ...chatter, shares: ['pid'] });
    const io = container.streams('init');
    await container.run(io.paths);
    expect(await container.exitOf()).toBe(5);
    expect(await io.stdout()).toContain('said\n');
  });

  it('does not cost a client that reads late what was written before it', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const io = container.streams('e');
    // More than the FIFO of the client holds: the rest stays in the pipe of the exec.
    await container.exec('e', shell('sleep 600 & seq 1 20000; exit 6'), io.paths);
    expect(await container.exitOf('e')).toBe(6);
    expect(await io.stdout()).toBe(Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join(''));
  });

  it('comes at once with the annotation `at-once`, and the output goes on until the exec is deleted', async () => {
    const container = await host().container({ ...sleeping, annotations: { 'io.rxshim.drain': 'at-once' } });
    await container.run();
    const io = container.streams('e');
    await container.exec('e', chatter, io.paths);
    expect(await container.exitOf('e')).toBe(5);
    await io.reads(/said\n(?:late\n){14}/);
    const rest = io.stdout();
    expect(await pendingAfter(100, rest)).toBe(true);
    await container.task.delete({ id: container.id, execId: 'e' });
    await rest;
  });

  it('refuses an annotation that cannot be read', async () => {
    const container = await host().container({ ...sleeping, annotations: { 'io.rxshim.drain': 'soon' } });
    await expect(container.create()).rejects.toThrow(/io\.rxshim\.drain.*at-once/);
  });
});

describeContainers('a drain that is set for all containers', () => {
  const host = useShimHost({ RXSHIM_DRAIN: 'cap=1m,idle=50ms' });

  it('ends with the silence of a grandchild', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const io = container.streams('e');
    await container.exec('e', shell('sleep 600 & echo said; exit 7'), io.paths);
    expect(await container.exitOf('e')).toBe(7);
    expect(await io.stdout()).toBe('said\n');
  });
});
