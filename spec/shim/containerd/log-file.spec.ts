/** A container whose output goes into a log file that takes no more. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { shell } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('a log file on a disk that is full', () => {
  const host = useShimHost();
  let disk = '';

  beforeEach(() => {
    disk = join(host().directory, `disk-${process.hrtime.bigint()}`);
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  });
  afterEach(() => void execFileSync('umount', [disk]));

  // The reference blocks the container for good.
  itIsBetter('does not stop the container: what does not fit is dropped, counted and logged', async () => {
    const file = join(disk, 'log');
    const container = await host().container(
      shell('dd if=/dev/zero bs=1000 count=1000 2>/dev/null && exit 9'),
    );
    await container.run({ stdout: `file://${file}`, stderr: '' });
    expect(await container.exitOf()).toBe(9);
    await container.task.delete({ id: container.id, execId: '' });
    expect(statSync(file).size).toBe(64 * 1024);
    await until(() => /output was dropped/.test(container.log()));
    expect(container.log()).toMatch(/output is dropped: its file takes no more/);
    expect(container.log()).toMatch(/\b93\d{4}\b/);
  });

  itIsBetter('says what is missing when it has room again', async () => {
    const file = join(disk, 'log');
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(60 * 1024));
    const container = await host().container(
      shell('seq 1 5000; while ! test -e /go; do sleep 0.02; done; echo room again'),
    );
    await container.run({ stdout: `file://${file}`, stderr: `file://${file}` });
    await until(() => /output is dropped/.test(container.log()));
    truncateSync(join(disk, 'ballast'), 0);
    writeFileSync(join(host().rootfs, 'go'), '');
    await container.exitOf();
    await container.task.delete({ id: container.id, execId: '' });
    expect(readFileSync(file, 'utf8')).toMatch(
      /\d\n?\[rxshim: \d+ bytes of output were dropped: ENOSPC\]\nroom again\n$/,
    );
  });
});
