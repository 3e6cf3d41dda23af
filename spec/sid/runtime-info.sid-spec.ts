/** What containerd 2 learns about the runtime before it runs anything. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeContainers } from '../support/containerd/describe-containers.js';
import { install, runtime } from '../support/containerd/runtime.js';
import { useContainerd } from '../support/containerd/use-containerd.js';

describeContainers('ctr plugins inspect-runtime', () => {
  const containerd = useContainerd();

  it.each(['runc', '/usr/bin/crun'])('shows the features of %s', async (binary) => {
    const { code, stdout } = await containerd().ctr(
      [
        'plugins',
        'inspect-runtime',
        '--runtime',
        runtime,
        ...(binary === 'runc' ? [] : ['--runc-binary', binary]),
      ],
      {},
    );
    expect(code).toBe(0);
    const { Features: features } = JSON.parse(stdout) as { Features: { mountOptions: string[] } };
    expect(features.mountOptions).toContain('rro');
  });

  it('finds the installation of a launcher that was copied elsewhere', async () => {
    const copy = join(containerd().directory, 'copied/containerd-shim-elsewhere-v1');
    mkdirSync(dirname(copy));
    copyFileSync(install().executable, copy);
    const run = containerd().runCommand(['--rm'], 'copied', ['echo', 'hello'], copy).slice(1);
    expect(await containerd().ctr(run.slice(run.indexOf('run')))).toEqual({
      code: 0,
      stdout: 'hello\n',
      stderr: '',
    });
  });
});
