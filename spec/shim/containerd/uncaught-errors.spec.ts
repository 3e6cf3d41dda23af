/** Uncaught errors in a real daemon with faults put into the node that runs it. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from '@jest/globals';
import { pack, runc, Status } from '../../../src/shim/messages/index.js';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { group, shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

const folder = mkdtempSync(join(tmpdir(), 'rxshim-uncaught-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

/** What node loads before the daemon. Its faults wait for a signal, or for a file of their name. */
writeFileSync(
  path('faults.cjs'),
  `const fs = require('node:fs');
  const wanted = (name) => fs.existsSync(${JSON.stringify(folder)} + '/' + name);
  process.on('SIGUSR2', () => {
    if (wanted('reject')) Promise.reject(new Error('rejected by the spec'));
    else if (wanted('emit')) new (require('node:events'))().emit('error', new Error('emitted by the spec'));
    else throw new Error('thrown by the spec');
  });
  const { readFileSync, openSync } = fs;
  fs.readFileSync = (file, ...rest) => {
    // In the middle of a Create.
    if (String(file).includes('/config.json') && wanted('late'))
      setTimeout(() => { throw new Error('thrown late'); }, 50);
    return readFileSync(file, ...rest);
  };
  const { closeSync } = fs;
  let logs = new Set();
  fs.openSync = (file, ...rest) => {
    const fd = openSync(file, ...rest);
    if (/rxshim-runc.*log.json$/.test(String(file))) logs.add(fd);
    return fd;
  };
  fs.closeSync = (fd) => {
    closeSync(fd);
    // As the end of a runc exec is looked at.
    if (logs.delete(fd) && wanted('close')) throw new Error('EIO: by the spec');
  };
`,
);
writeFileSync(path('node'), `#!/bin/sh\nexec ${process.execPath} -r ${path('faults.cjs')} "$@"\n`);
chmodSync(path('node'), 0o755);
/** A runtime that creates nothing, and takes as long for that as the fault lasts. */
const hanging = path('hanging-runc');
writeFileSync(
  hanging,
  `#!/bin/sh
for word; do
  [ "$word" != create ] || { while [ -e ${path('late')} ]; do sleep 0.05; done; exit 1; }
done
exec runc "$@"
`,
  { mode: 0o755 },
);

const withFault = async (name: string, work: () => Promise<unknown>): Promise<void> => {
  writeFileSync(path(name), '');
  try {
    await work();
  } finally {
    rmSync(path(name));
  }
};

describeContainers('an uncaught error', () => {
  const host = useShimHost({ RXSHIM_NODE: path('node') });

  const running = async () => {
    const container = await host().container(sleeping);
    await container.run();
    const pid = await container.shimPid();
    const works = async (execId: string): Promise<void> => {
      expect((await container.task.state({ id: container.id, execId: '' })).status).toBe(Status.RUNNING);
      await container.exec(execId, shell('exit 7'));
      expect(await container.exitOf(execId)).toBe(7);
      expect(await container.shimPid()).toBe(pid);
    };
    return { container, pid, works };
  };

  itIsBetter.each([
    ['that is thrown in a signal handler', '', 'thrown by the spec'],
    ['of a promise that is rejected', 'reject', 'rejected by the spec'],
    ['of an emitter without a listener', 'emit', 'emitted by the spec'],
  ])('%s is logged, and ends neither the container nor the daemon', async (_what, fault, message) => {
    const { container, pid, works } = await running();
    await withFault(fault || 'throw', async () => {
      process.kill(pid, 'SIGUSR2');
      await until(() => container.log().includes(message));
    });
    expect(container.log()).toMatch(/"msg":"uncaught error"/);
    await works('after');
  });

  itIsBetter(
    'fails the call that it came up in, and no other container of the daemon knows of it',
    async () => {
      const pod = group('uncaught');
      const other = await host().container({ ...sleeping, ...pod });
      await other.run();
      const options = pack(runc.Options, runc.Options.create({ binaryName: hanging }));
      const container = await host().container({ ...sleeping, ...pod }, { options });
      expect(await container.shimPid()).toBe(await other.shimPid());
      await withFault('late', () =>
        expect(container.create()).rejects.toMatchObject({
          kind: 'internal',
          message: expect.stringContaining('thrown late'),
        }),
      );
      await other.exec('after', shell('exit 3'));
      expect(await other.exitOf('after')).toBe(3);
    },
  );

  itIsBetter('but that follows from the end of a runtime command is the answer of the call', async () => {
    const { container, works } = await running();
    await withFault('close', () =>
      expect(container.exec('faulty', sleeping)).rejects.toMatchObject({
        message: expect.stringContaining('EIO: by the spec'),
      }),
    );
    expect(container.log()).not.toContain('uncaught error');
    await works('after');
  });
});
