import { describe, expect, test } from '@jest/globals';
import { locate } from '../../../../src/hcs/runc/cgroup/cgroup.js';

const mount = (point: string, type: string, options = 'rw', root = '/'): string =>
  `31 23 0:28 ${root} ${point} rw,relatime shared:9 - ${type} ${type} ${options}`;

const hybrid = [
  mount('/sys/fs/cgroup', 'tmpfs', 'rw,mode=755'),
  mount('/sys/fs/cgroup/cpu,cpuacct', 'cgroup', 'rw,cpu,cpuacct'),
  mount('/sys/fs/cgroup/memory', 'cgroup', 'rw,memory'),
  mount('/sys/fs/cgroup/systemd', 'cgroup', 'rw,xattr,name=systemd'),
  mount('/sys/fs/cgroup/unified', 'cgroup2'),
].join('\n');

describe('where the control groups of a process are', () => {
  test('one tree for each controller, some of which share one', () => {
    const membership = '5:cpu,cpuacct:/pod/c\n4:memory:/pod/c\n1:name=systemd:/pod/c\n0::/pod\n';
    expect(locate(membership, hybrid)).toEqual({
      version: 1,
      directories: new Map([
        ['cpu', '/sys/fs/cgroup/cpu,cpuacct/pod/c'],
        ['cpuacct', '/sys/fs/cgroup/cpu,cpuacct/pod/c'],
        ['memory', '/sys/fs/cgroup/memory/pod/c'],
        ['name=systemd', '/sys/fs/cgroup/systemd/pod/c'],
      ]),
    });
  });

  test('one tree for all', () => {
    const mounts = mount('/sys/fs/cgroup', 'cgroup2');
    expect(locate('0::/system.slice/c.scope\n', mounts)).toEqual({
      version: 2,
      directory: '/sys/fs/cgroup/system.slice/c.scope',
    });
  });

  test("the one tree, where the only old one is systemd's own and controls nothing", () => {
    expect(locate('1:name=systemd:/a\n0::/b\n', hybrid)).toEqual({
      version: 2,
      directory: '/sys/fs/cgroup/unified/b',
    });
  });

  test('below what is mounted, where that is not the whole tree', () => {
    const mounts = mount('/sys/fs/cgroup/memory', 'cgroup', 'rw,memory', '/outer/pod');
    expect(locate('4:memory:/outer/pod/c\n', mounts)).toMatchObject({
      directories: new Map([['memory', '/sys/fs/cgroup/memory/c']]),
    });
  });

  test('nowhere, where nothing of the kind is mounted', () => {
    expect(locate('4:memory:/c\n0::/c\n', mount('/', 'ext4'))).toBeUndefined();
    expect(locate('', '')).toBeUndefined();
  });
});
