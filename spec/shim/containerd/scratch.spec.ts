/** A daemon whose /dev/shm is of no use: it sees one of its own, in a mount namespace. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { openShimHost, shell, sleeping } from '../../support/containerd/shim-host.js';

/** A node that runs the daemon after these commands. */
const nodeAfter = (folder: string, commands: string): string => {
  const path = join(folder, 'node');
  writeFileSync(
    path,
    `#!/bin/sh\nexec unshare -m sh -ec '${commands}; exec "$@"' sh ${process.execPath} "$@"\n`,
  );
  chmodSync(path, 0o755);
  return path;
};

describeContainers('a daemon', () => {
  itIsBetter.each([
    ['is full', 'mount -t tmpfs -o size=64k tmpfs /dev/shm; head -c 60k /dev/zero > /dev/shm/hog'],
    ['is read-only', 'mount -t tmpfs -o ro tmpfs /dev/shm'],
  ])('whose /dev/shm %s runs containers and execs', async (_what, commands) => {
    const folder = mkdtempSync(join(tmpdir(), 'rxshim-no-shm-'));
    const host = await openShimHost({ RXSHIM_NODE: nodeAfter(folder, commands) });
    try {
      const container = await host.container(sleeping);
      await container.run();
      await container.exec('one', shell('exit 4'));
      expect(await container.exitOf('one')).toBe(4);
      const pid = await container.shimPid();
      await container.end();
      const left = readdirSync('/tmp').filter((name) => new RegExp(`^rxshim-runc-\\d+-${pid}-`).test(name));
      expect(left).toEqual([]);
    } finally {
      await host.tidy();
      await host.end();
      rmSync(folder, { recursive: true });
    }
  });
});
