/** The input of containers and execs: whole however short or long, and no obstacle to an end when it is not read. */
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

const MiB = 2 ** 20;

describeContainers('the input', () => {
  const host = useShimHost();

  it('of an exec arrives whole when it is over at once, each time', async () => {
    const container = await host().container(sleeping);
    await container.run();
    for (let count = 0; count < 15; count += 1) {
      const execId = `e${count}`;
      const io = container.streams(execId, { stdin: true });
      await container.exec(execId, { args: ['cat'] }, io.paths);
      const output = io.stdout();
      await io.stdin.write(Buffer.from(`data ${count}`));
      await container.task.closeIO({ id: container.id, execId, stdin: true });
      io.stdin.close();
      expect(await output).toBe(`data ${count}`);
      expect(await container.exitOf(execId)).toBe(0);
    }
  });

  it.each(['an init', 'an exec'])('of %s arrives whole when it is long', async (whose) => {
    const container = await host().container(whose === 'an init' ? { args: ['wc', '-c'] } : sleeping);
    const io = container.streams('long', { stdin: true });
    const execId = whose === 'an init' ? '' : 'e';
    if (whose === 'an init') await container.run(io.paths);
    else {
      await container.run();
      await container.exec(execId, { args: ['wc', '-c'] }, io.paths);
    }
    const output = io.stdout();
    for (let count = 0; count < 30; count += 1) await io.stdin.write(Buffer.alloc(MiB));
    await container.task.closeIO({ id: container.id, execId, stdin: true });
    io.stdin.close();
    expect((await output).trim()).toBe(`${30 * MiB}`);
    expect(await container.exitOf(execId)).toBe(0);
  });

  it('that a process does not read does not delay its end', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const io = container.streams('e', { stdin: true });
    await container.exec('e', shell('read line; exit 6'), io.paths);
    const stuck = io.stdin.write(Buffer.from('y\n'.repeat(MiB))).catch(() => undefined);
    expect(await container.exitOf('e')).toBe(6);
    await container.task.delete({ id: container.id, execId: 'e' });
    io.stdin.close();
    await stuck;
  });
});
