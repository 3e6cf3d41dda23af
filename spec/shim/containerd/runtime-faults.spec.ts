/** A runtime that misbehaves: the error that its user gets, and that no other container suffers. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { pack, runc, Status } from '../../../src/shim/messages/index.js';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { until } from '../../support/containerd/run.js';
import { group, shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

/** A runtime that fails with an error in its log file, or on stderr. */
const failing = (message: string): string =>
  `to=/dev/stderr; while [ $# -gt 0 ]; do [ "$1" = --log ] && to=$2; shift; done; ` +
  `echo '{"level":"error","msg":"${message}"}' >> "$to"; exit 1`;

describeContainers('a runtime', () => {
  const host = useShimHost();
  const pids: number[] = [];
  afterEach(() => {
    for (const pid of pids.splice(0)) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  });

  let made = 0;
  /** runc, save for one of its commands. */
  const instead = (command: string, script: string) => {
    const path = join(host().directory, `runtime-${++made}`);
    writeFileSync(
      path,
      `#!/bin/bash
for word in "$@"; do
  case "$word" in
    ${command}) ${script} ;;
  esac
done
exec runc "$@"
`,
    );
    chmodSync(path, 0o755);
    return { options: pack(runc.Options, runc.Options.create({ binaryName: path })) };
  };
  const hang = (): { script: string; hangs: () => Promise<number> } => {
    const file = join(host().directory, `hanging-${++made}`);
    return {
      // A group of its own, so that it can be ended with what it has started.
      script: `echo $$ > ${file}; exec sleep 600`,
      hangs: async () => {
        await until(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
        return Number(readFileSync(file, 'utf8'));
      },
    };
  };

  itIsBetter('does not inherit what the launcher sets for the daemon alone', async () => {
    const file = join(host().directory, `environment-${++made}`);
    const container = await host().container(sleeping, instead('create', `env > ${file}`));
    await container.run();
    const pid = await container.shimPid();
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toContain('MALLOC_ARENA_MAX=1');
    expect(readFileSync(file, 'latin1')).not.toContain('MALLOC_ARENA_MAX');
  });

  it('that there is not is named', async () => {
    const options = pack(runc.Options, runc.Options.create({ binaryName: '/no/such/runtime' }));
    const container = await host().container(sleeping, { options });
    await expect(container.create()).rejects.toThrow(/\/no\/such\/runtime/);
    await container.cleanUp();
    expect(host().census()).toMatchObject({ mounts: [], cgroups: [], runtimeState: [] });
  });

  it('that fails reports why in its own words', async () => {
    const log = `while [ "$1" != --log ]; do shift; done; echo '{"level":"error","msg":"the moon is full"}' >> "$2"; exit 1`;
    const container = await host().container(sleeping, instead('create', log));
    await expect(container.create()).rejects.toThrow(/the moon is full/);
    await container.cleanUp();
    expect(host().census()).toMatchObject({ mounts: [], cgroups: [], runtimeState: [] });
  });

  it('that prints garbage and fails is quoted, or its exit is reported', async () => {
    const container = await host().container(sleeping, instead('create', 'echo "@#!? rubbish" >&2; exit 5'));
    await expect(container.create()).rejects.toThrow(/rubbish|exit status 5/);
  });

  it('that fails to start leaves a container that can be deleted', async () => {
    const log = failing('not today');
    const container = await host().container(sleeping, instead('start', log));
    await container.create();
    const { id, task } = container;
    await expect(task.start({ id, execId: '' })).rejects.toThrow(/not today/);
    await task.delete({ id, execId: '' }).catch(async () => {
      await task.kill({ id, execId: '', signal: 9, all: false });
      await container.exitOf();
      await task.delete({ id, execId: '' });
    });
    expect(host().census()).toMatchObject({ mounts: [], cgroups: [], runtimeState: [] });
  });

  it('that fails an exec says why, and the exec can be deleted and tried again', async () => {
    const log = failing('no exec today');
    const container = await host().container(sleeping, instead('exec', log));
    await container.run();
    const { id, task } = container;
    await expect(container.exec('e', shell('true'))).rejects.toThrow(/no exec today/);
    await task.delete({ id, execId: 'e' });
    await expect(container.exec('e', shell('true'))).rejects.toThrow(/no exec today/);
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
  });

  // The reference holds one lock while it creates.
  itIsBetter('that hangs at a creation holds up no other container of the daemon', async () => {
    const pod = group('pod-with-a-hanging-runtime');
    const { script, hangs } = hang();
    const stuck = await host().container({ ...sleeping, ...pod }, instead('create', script));
    const creation = stuck.create().catch((error: Error) => error);
    pids.push(await hangs());
    const other = await host().container({ ...shell('exit 4'), ...pod });
    await other.run();
    expect(await other.shimPid()).toBe(await stuck.shimPid());
    expect(await other.exitOf()).toBe(4);
    await other.task.delete({ id: other.id, execId: '' });
    process.kill(pids[0] ?? 0, 'SIGKILL');
    expect(await creation).toBeInstanceOf(Error);
  });

  itIsBetter('that hangs at an exec or a kill holds up no question about the same container', async () => {
    const { script, hangs } = hang();
    const container = await host().container(sleeping, instead('exec', script));
    await container.run();
    const { id, task } = container;
    const start = container.exec('e', shell('true')).catch((error: Error) => error);
    pids.push(await hangs());
    expect((await task.state({ id, execId: '' })).status).toBe(Status.RUNNING);
    expect((await task.state({ id, execId: 'e' })).status).toBe(Status.CREATED);
    await task.kill({ id, execId: '', signal: 9, all: false });
    expect(await container.exitOf()).toBe(137);
    // It need not be killed: what hangs in a container that has ended is given up by itself.
    expect(await start).toBeInstanceOf(Error);
  });
});
