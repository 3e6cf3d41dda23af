/** The root filesystem of a container: mounted as it was asked for, and gone with the container, also when that never began. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { shell } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('the root filesystem of a container', () => {
  const host = useShimHost();
  const mountsIn = (bundle: string): string[] =>
    host()
      .census()
      .mounts.filter((at) => at.startsWith(bundle));

  it('can be an overlay: what the container writes goes into the upper folder', async () => {
    const at = (name: string): string => join(host().directory, 'overlay', name);
    for (const name of ['upper', 'work']) mkdirSync(at(name), { recursive: true });
    const container = await host().container(shell('echo written > /file'));
    const options = [`lowerdir=${host().rootfs}`, `upperdir=${at('upper')}`, `workdir=${at('work')}`];
    await container.run({ rootfs: [{ type: 'overlay', source: 'overlay', target: '', options }] });
    expect(await container.exitOf()).toBe(0);
    expect(readFileSync(join(at('upper'), 'file'), 'utf8')).toBe('written\n');
    expect(mountsIn(container.bundle)).toEqual([join(container.bundle, 'rootfs')]);
    await container.task.delete({ id: container.id, execId: '' });
    expect(mountsIn(container.bundle)).toEqual([]);
  });

  it('can be bound so that nothing can be written', async () => {
    const container = await host().container(shell('echo x > /file'));
    const io = container.streams();
    const bind = { type: 'bind', source: host().rootfs, target: '', options: ['rbind', 'ro'] };
    await container.run({ ...io.paths, rootfs: [bind] });
    expect(await io.stderr()).toMatch(/Read-only file system/);
    expect(await container.exitOf()).toBe(1);
    expect(existsSync(join(host().rootfs, 'file'))).toBe(false);
  });

  // containerd 1.6 has its reference do nothing of that.
  itIsBetter.each([
    ['bind', (lower: string) => ({ type: 'bind', source: lower, options: ['rbind', 'rw'] })],
    [
      'overlay',
      (lower: string, folder: string) => {
        const [upper, work] = ['upper', 'work'].map((name) => join(folder, name)) as [string, string];
        for (const each of [upper, work]) mkdirSync(each, { recursive: true });
        const options = [`lowerdir=${lower}`, `upperdir=${upper}`, `workdir=${work}`];
        return { type: 'overlay', source: 'overlay', options };
      },
    ],
  ])('can be a %s mount with other owners than on the disk', async (type, mountOf) => {
    const container = await host().container(shell('stat -c %u:%g /etc/passwd /bin/busybox'));
    const io = container.streams();
    const mount = mountOf(host().rootfs, join(host().directory, `mapped-${type}`));
    const maps = ['uidmap=0:100000:1000,1000:300000:10', 'gidmap=0:200000:65536'];
    await container.run({
      ...io.paths,
      rootfs: [{ ...mount, target: '', options: [...mount.options, ...maps] }],
    });
    expect(await io.stdout()).toBe('100000:200000\n100000:200000\n');
    expect(await container.exitOf()).toBe(0);
    await container.task.delete({ id: container.id, execId: '' });
    expect(mountsIn(container.bundle)).toEqual([]);
    expect(host().census().mounts).toEqual([]);
  });

  it('is that of the document when there is nothing to mount', async () => {
    const container = await host().container(shell('exit 3'));
    const file = join(container.bundle, 'config.json');
    const document = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...document, root: { path: host().rootfs } }));
    await container.run({ rootfs: [] });
    expect(await container.exitOf()).toBe(3);
  });

  it('that cannot be mounted fails the creation with what is wrong, and what was mounted before is taken back', async () => {
    const container = await host().container(shell('true'));
    const good = { type: 'bind', source: host().rootfs, target: '', options: ['rbind'] };
    const bad = { type: 'bind', source: '/nowhere/at/all', target: '', options: ['rbind'] };
    await expect(container.create({ rootfs: [good, bad] })).rejects.toThrow(
      /no such file or directory|ENOENT/,
    );
    expect(mountsIn(container.bundle)).toEqual([]);
    await expect(
      container.create({ rootfs: [{ ...good, type: 'no-such-filesystem', options: [] }] }),
    ).rejects.toThrow(/no such device|ENODEV/);
    expect(mountsIn(container.bundle)).toEqual([]);
  });

  itIsBetter('is unmounted when the runtime cannot create the container', async () => {
    const container = await host().container({ args: ['no-such-program'] });
    await expect(container.create()).rejects.toThrow(/executable file not found/);
    expect(host().census()).toMatchObject({ mounts: [], cgroups: [], runtimeState: [] });
  });
});
