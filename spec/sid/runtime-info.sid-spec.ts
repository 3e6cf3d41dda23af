/** What containerd 2 learns about the runtime before it runs anything. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeContainers } from '../support/containerd/describe-containers.js';
import { install, runtime } from '../support/containerd/runtime.js';
import { useContainerd } from '../support/containerd/use-containerd.js';

describeContainers('ctr plugins inspect-runtime', () => {
  const containerd = useContainerd();

  it.each(['runc', 'crun'])('shows the features of %s', async (binary) => {
    const path = join(containerd().directory, `${binary}.toml`);
    writeFileSync(path, `BinaryName = "${binary}"\n`);
    const inspect = ['plugins', 'inspect-runtime', '--runtime', runtime, '--runtime-config-path', path];
    const { code, stdout, stderr } = await containerd().ctr(inspect);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
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
