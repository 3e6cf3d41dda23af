/** Containers in a user namespace: containerd 2 leaves it to the runtime to map the owners of the image's files. */
import { expect, it } from '@jest/globals';
import { nothingLeft } from '../support/containerd/census.js';
import { describeContainers } from '../support/containerd/describe-containers.js';
import { useContainerd } from '../support/containerd/use-containerd.js';

describeContainers('a container in a user namespace', () => {
  const containerd = useContainerd();

  it.each([['one range', ['--uidmap', '0:100000:65536', '--gidmap', '0:100000:65536'], /^0 100000 65536$/]])(
    'has the image as its own with %s',
    async (_, options, map) => {
      const script =
        'cat /proc/self/uid_map; stat -c %u:%g /bin/busybox; echo mine >/etc/mine; stat -c %u /etc/mine';
      const { code, stdout, stderr } = await containerd().run(
        ['--rm', ...options, '--remap-labels'],
        'mapped',
        ['sh', '-c', script],
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [first = '', ...rest] = stdout.trim().split('\n');
      expect(first.trim().replace(/ +/g, ' ')).toMatch(map);
      expect(rest).toEqual(['0:0', '0']);
      await nothingLeft(containerd().census, 'mounts');
    },
  );
});
