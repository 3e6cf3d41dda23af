import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { concat, lastValueFrom, of, Subject, throwError } from 'rxjs';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';
import { mount, mountFlag, unmountAll } from '../../../src/hcs/native/mount/mount.js';
import { withoutLinks } from '../../../src/hcs/native/mount/mount-points.js';
import { scriptedSystem } from '../../../src/hcs/simulated/scripted-system.js';
import { type Mount, unmountRootfs, withRootfs } from '../../../src/shim/rootfs/with-rootfs.js';
import { describeAsRoot } from '../../support/needs.js';

let folder = '';
let bundle = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxshim-rootfs-'));
  bundle = join(folder, 'bundle');
  mkdirSync(bundle);
});

afterEach(async () => {
  await unmountAll(join(bundle, 'rootfs'));
  rmSync(folder, { recursive: true });
});

const layer = (name: string, file = name): string => {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, file), name);
  return path;
};

const bind = (source: string, ...options: string[]): Mount => ({
  type: 'bind',
  source,
  target: '',
  options: ['rbind', ...options],
});

const overlay = (lowers: readonly string[]): Mount => {
  for (const name of ['upper', 'work']) mkdirSync(join(folder, name), { recursive: true });
  const options = [
    `workdir=${join(folder, 'work')}`,
    `upperdir=${join(folder, 'upper')}`,
    `lowerdir=${lowers.join(':')}`,
  ];
  return { type: 'overlay', source: 'overlay', target: '', options };
};

const mounted = (below = bundle): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(below));

const read = (name: string): string => readFileSync(join(bundle, 'rootfs', name), 'utf8');

const create = (system: ComputeSystem): Promise<unknown> => lastValueFrom(system.create?.({}) ?? of());
const remove = (system: ComputeSystem): Promise<unknown> =>
  lastValueFrom(concat(system.delete?.() ?? of(), of('deleted')));

const system = (): ComputeSystem => scriptedSystem({ createsFirst: true });

describeAsRoot('the root filesystem of a container', () => {
  test('is there when the container is made, and gone when it is deleted', async () => {
    const container = withRootfs(system(), bundle, [bind(layer('one'))]);
    await create(container);
    expect(read('one')).toBe('one');
    await remove(container);
    expect(mounted()).toEqual([]);
    await remove(container);
  });

  test('may be read only, which a bind mount needs a remount for', async () => {
    await create(withRootfs(system(), bundle, [bind(layer('one'), 'ro')]));
    expect(() => writeFileSync(join(bundle, 'rootfs', 'new'), '')).toThrow('EROFS');
  });

  test('is an overlay of its layers, the first above the others', async () => {
    const container = withRootfs(system(), bundle, [overlay([layer('two', 'same'), layer('one', 'same')])]);
    await create(container);
    expect(read('same')).toBe('two');
    await remove(container);
    expect(mounted()).toEqual([]);
  });

  test('may have more layers than fit on the page that the kernel takes', async () => {
    const long = 'x'.repeat(60);
    const lowers = Array.from({ length: 60 }, (_, index) =>
      layer(`layers/${long}-${index}/fs`, `file-${index}`),
    );
    expect(lowers.join(':').length).toBeGreaterThan(4096);
    const before = process.cwd();
    // Relative to their common folder, these fit.
    await create(withRootfs(system(), bundle, [overlay(lowers.slice(0, 45))]));
    expect(read('file-44')).toBe(`layers/${long}-44/fs`);
    expect(process.cwd()).toBe(before);
  });

  test('may have mounts within, which go with it', async () => {
    const inner: Mount = { type: 'tmpfs', source: 'tmpfs', target: 'inner', options: ['size=64k'] };
    const outer = layer('one');
    mkdirSync(join(outer, 'inner'));
    const container = withRootfs(system(), bundle, [bind(outer), inner]);
    await create(container);
    expect(mounted()).toHaveLength(2);
    await remove(container);
    expect(mounted()).toEqual([]);
  });

  test('is unmounted when the container cannot be made', async () => {
    const failing = scriptedSystem({
      createsFirst: true,
      answer: () => throwError(() => new Error('no runtime')),
    });
    await expect(create(withRootfs(failing, bundle, [bind(layer('one'))]))).rejects.toThrow('no runtime');
    expect(mounted()).toEqual([]);
  });

  test('is unmounted when it could be mounted only in part, and the error names what could not', async () => {
    const bad: Mount = { type: 'nosuchfs', source: 'nothing', target: '', options: [] };
    const container = withRootfs(system(), bundle, [bind(layer('one')), bad]);
    await expect(create(container)).rejects.toThrow(/failed to mount nosuchfs nothing at .*: ENODEV/);
    expect(mounted()).toEqual([]);
  });

  test('never reaches out of the bundle', async () => {
    const sly: Mount = { type: 'tmpfs', source: 'tmpfs', target: '../../elsewhere', options: [] };
    await expect(create(withRootfs(system(), bundle, [sly]))).rejects.toMatchObject({
      kind: 'invalidArgument',
      field: 'rootfs.target',
    });
  });

  test('may be where a symbolic link in the bundle leads, and is unmounted there', async () => {
    const [real, elsewhere] = [join(folder, 'real'), join(folder, 'elsewhere')];
    for (const path of [real, elsewhere]) mkdirSync(path);
    const rootfs = join(bundle, 'rootfs');
    symlinkSync(real, rootfs);
    const container = withRootfs(system(), bundle, [bind(layer('one'))]);
    await create(container);
    expect(mounted(real)).toHaveLength(1);
    // However the link is turned meanwhile.
    unlinkSync(rootfs);
    symlinkSync(elsewhere, rootfs);
    mount({ source: layer('two'), target: elsewhere, type: '', flags: mountFlag.bind, data: '' });
    try {
      await remove(container);
      expect(mounted(real)).toEqual([]);
      expect(mounted(elsewhere)).toHaveLength(1);
    } finally {
      await unmountAll(elsewhere);
    }
  });

  test('is unmounted where a symbolic link leads also when the container cannot be made, or its daemon died', async () => {
    const real = join(folder, 'real');
    mkdirSync(real);
    symlinkSync(real, join(bundle, 'rootfs'));
    const answer = () => throwError(() => new Error('no runtime'));
    const failing = scriptedSystem({ createsFirst: true, answer });
    await expect(create(withRootfs(failing, bundle, [bind(layer('one'))]))).rejects.toThrow('no runtime');
    expect(mounted(real)).toEqual([]);
    await create(withRootfs(system(), bundle, [bind(layer('one'))]));
    await unmountRootfs(bundle);
    expect(mounted(real)).toEqual([]);
  });

  test('has its mounts within, wherever links of the image lead', async () => {
    const outer = layer('one');
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    mkdirSync(join(outer, outside), { recursive: true });
    symlinkSync(`../../../../../../..${outside}`, join(outer, 'up'));
    symlinkSync(outside, join(outer, 'absolute'));
    const inner = (target: string): Mount => ({ type: 'tmpfs', source: 'tmpfs', target, options: [] });
    const container = withRootfs(system(), bundle, [bind(outer), inner('up'), inner('absolute')]);
    await create(container);
    expect(mounted(outside)).toEqual([]);
    expect(mounted().slice(1)).toEqual(Array(2).fill(join(bundle, 'rootfs', outside)));
    await remove(container);
    expect(mounted()).toEqual([]);
  });

  test('is unmounted without a step through a link that a process of the container has put in the way', async () => {
    const outer = layer('one');
    const outside = join(folder, 'outside');
    for (const path of [join(outer, 'dir/inner'), join(outside, 'inner')])
      mkdirSync(path, { recursive: true });
    const inner: Mount = { type: 'tmpfs', source: 'tmpfs', target: 'dir/inner', options: ['size=64k'] };
    mount({ source: 'tmpfs', target: join(outside, 'inner'), type: 'tmpfs', flags: 0, data: '' });
    try {
      const container = withRootfs(system(), bundle, [bind(outer), inner]);
      await create(container);
      const place = join(bundle, 'rootfs/dir/inner');
      const stolen = join(folder, 'stolen');
      // As it would be between a look at what is mounted and the unmounting.
      renameSync(join(outer, 'dir'), stolen);
      symlinkSync(outside, join(outer, 'dir'));
      await expect(withoutLinks(join(bundle, 'rootfs'), place, async (path) => path)).rejects.toThrow();
      await remove(container);
      expect(mounted()).toEqual([]);
      expect(mounted(outside)).toHaveLength(1);
    } finally {
      await unmountAll(join(outside, 'inner'));
    }
  });

  test('is removed once, also when its caller leaves and another asks for the same meanwhile', async () => {
    const removing = new Subject<never>();
    let asked = 0;
    const container = withRootfs(
      scriptedSystem({
        createsFirst: true,
        answer: (call, _args, normal) => {
          if (call !== 'container.delete') return normal;
          asked += 1;
          return asked === 1 ? (removing as unknown as typeof normal) : normal;
        },
      }),
      bundle,
      [bind(layer('one'))],
    );
    await create(container);
    container.delete?.().subscribe().unsubscribe();
    const removed = remove(container);
    expect(mounted()).toHaveLength(1);
    removing.complete();
    await removed;
    expect(mounted()).toEqual([]);
    expect(asked).toBe(1);
  });

  test('leaves the tree with its container even while somebody is still in it', async () => {
    const container = withRootfs(system(), bundle, [bind(layer('one'))]);
    await create(container);
    const before = process.cwd();
    process.chdir(join(bundle, 'rootfs'));
    try {
      await remove(container);
      expect(mounted()).toEqual([]);
    } finally {
      process.chdir(before);
    }
  });
});
