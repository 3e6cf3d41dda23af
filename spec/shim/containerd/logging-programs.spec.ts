/** Logging programs that fail: what becomes of the container whose output they take. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeContainers } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { shell } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('a logging program', () => {
  const host = useShimHost();

  const program = (script: string): string => {
    const path = join(host().directory, `logger-${process.hrtime.bigint()}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it('that ends before it is ready does not keep the container from running, as with containerd itself', async () => {
    const uri = `binary://${program('exit 3')}`;
    const container = await host().container(
      shell(
        'trap "" PIPE; i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo "line number $i" 2>/dev/null; done; exit 4',
      ),
    );
    await container.run({ stdout: uri, stderr: uri });
    expect(await container.exitOf()).toBe(4);
  });

  it('that dies does not block the container, which writes more than any pipe holds', async () => {
    const taken = join(host().directory, 'taken');
    const uri = `binary://${program(`exec 5>&-; exec dd bs=1 count=100 <&3 of=${taken} 2>/dev/null`)}`;
    const container = await host().container(
      shell(
        'trap "" PIPE; i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo "line number $i" 2>/dev/null; done; exit 4',
      ),
    );
    await container.run({ stdout: uri, stderr: uri });
    expect(await container.exitOf()).toBe(4);
    await until(() => existsSync(taken));
    expect(readFileSync(taken, 'utf8').startsWith('line number 1\nline number 2\n')).toBe(true);
  });
});
