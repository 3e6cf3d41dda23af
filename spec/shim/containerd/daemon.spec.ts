/** The daemon of a shim as a process among others: where it stands, who may end it, what it leaves. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Any, pack, RuntimeInfo, runc, Status } from '../../../src/shim/messages/index.js';
import { describeContainers, itIsBetter } from '../../support/containerd/describe-containers.js';
import { run, until } from '../../support/containerd/run.js';
import { isOwn } from '../../support/containerd/runtime.js';
import { shell, sleeping } from '../../support/containerd/shim-host.js';
import { useShimHost } from '../../support/containerd/use-shim-host.js';

describeContainers('the daemon of a shim', () => {
  const host = useShimHost();
  const file = (path: string): string => readFileSync(path, 'utf8').trim();

  it('is a little more willing to be ended for want of memory than containerd is', async () => {
    const container = await host().container(sleeping);
    const own = Number(file('/proc/self/oom_score_adj'));
    expect(Number(file(`/proc/${await container.shimPid()}/oom_score_adj`))).toBe(Math.min(own + 1, 1000));
  });

  it('is in a group of its own and no child of who started it', async () => {
    const container = await host().container(sleeping);
    const pid = await container.shimPid();
    const [, , parent, processGroup] = file(`/proc/${pid}/stat`)
      .replace(/\(.*\)/, 'name')
      .split(' ');
    expect(Number(processGroup)).not.toBe(process.pid);
    expect(Number(parent)).not.toBe(process.pid);
  });

  it('takes names as long as containerd allows', async () => {
    const container = await host().container(shell('exit 8'), { id: `long-${'x'.repeat(71)}` });
    await container.run();
    expect(await container.exitOf()).toBe(8);
    expect(container.address.length).toBeLessThan(107);
  });

  it('is put into the cgroup that its options name, before it answers', async () => {
    const cgroup = `/${host().namespace}-shim`;
    const folder = `/sys/fs/cgroup/memory${cgroup}`;
    mkdirSync(folder);
    const options = pack(runc.Options, runc.Options.create({ shimCgroup: cgroup }));
    const { id, path } = host().bundle(sleeping);
    const started = await host().call(id, path, 'start', [], Any.encode(options).finish());
    expect(started).toMatchObject({ code: 0, stderr: '' });
    const container = host().adopt(id);
    const pid = await container.shimPid();
    expect(file(`/proc/${pid}/cgroup`)).toContain(`memory:${cgroup}`);
    await container.remove();
    await until(() => !existsSync(`/proc/${pid}`));
    rmdirSync(folder);
  });

  it('goes when it is asked to while it has nothing, and takes its socket with it', async () => {
    const container = await host().container(sleeping);
    const pid = await container.shimPid();
    await container.task.shutdown({ id: container.id, now: false });
    // containerd's own suite looks for sockets as soon as the last container is deleted.
    expect(existsSync(container.address.replace('unix://', ''))).toBe(false);
    await until(() => !existsSync(`/proc/${pid}`));
  });

  it('holds no descriptor for what has ended', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const { id, task } = container;
    const pid = await container.shimPid();
    const count = (): number => readdirSync(`/proc/${pid}/fd`).length;
    const life = async (index: number): Promise<void> => {
      const io = container.streams(`e${index}`, { stdin: true });
      await container.exec(`e${index}`, shell('cat >/dev/null; echo x; echo y >&2'), io.paths);
      await task.closeIO({ id, execId: `e${index}`, stdin: true });
      io.stdin.close();
      expect(await io.stdout()).toBe('x\n');
      await container.exitOf(`e${index}`);
      await task.delete({ id, execId: `e${index}` });
      io.leave();
    };
    await life(0);
    const before = count();
    for (let index = 1; index <= 10; index += 1) await life(index);
    await until(() => count() <= before);
  });

  itIsBetter('answers no -info and no -v with a failure', async () => {
    expect(await run(host().executable, ['-v'])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(host().executable, ['-info'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('answers -info with the options that it was given and the features of their runtime', async () => {
    const info = async (binaryName: string) => {
      const options = pack(runc.Options, runc.Options.create({ binaryName }));
      const file = join(host().directory, 'info');
      const script = '"$1" -info >"$2"';
      const { code, stderr } = await run('sh', ['-c', script, 'sh', host().executable, file], {
        input: Any.encode(options).finish(),
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { options: answered, features } = RuntimeInfo.decode(readFileSync(file));
      expect(answered).toEqual(options);
      return features;
    };
    const program = join(host().directory, 'runtime');
    const document = { ociVersionMin: '1.0.0', mountOptions: ['rro'] };
    writeFileSync(program, `#!/bin/sh\n[ "$1" = features ] && echo '${JSON.stringify(document)}'\n`, {
      mode: 0o755,
    });
    const features = await info(program);
    expect(features?.typeUrl).toBe('types.containerd.io/opencontainers/runtime-spec/1/features/Features');
    expect(JSON.parse(Buffer.from(features?.value ?? []).toString())).toEqual(document);
    expect(await info('/bin/false')).toBeUndefined();
  });

  it('answers calls of the sandbox API as not implemented, and goes on', async () => {
    const container = await host().container(sleeping);
    await container.run();
    const sandbox = 'containerd.runtime.sandbox.v1.Sandbox';
    for (const method of ['CreateSandbox', 'SandboxStatus', 'ShutdownSandbox'])
      await expect(container.client.call(sandbox, method, new Uint8Array())).rejects.toMatchObject({
        kind: 'notImplemented',
        message: isOwn ? `service ${sandbox}` : expect.stringContaining(sandbox),
      });
    const { status } = await container.task.state({ id: container.id, execId: '' });
    expect(status).toBe(Status.RUNNING);
  });

  it('leaves its containers alone when it is asked to end, as at a shutdown', async () => {
    const container = await host().container(sleeping);
    const init = await container.run();
    const pid = await container.shimPid();
    process.kill(pid, 'SIGTERM');
    const gone = until(() => !existsSync(`/proc/${pid}`)).then(() => 'gone');
    const serves = container.task.state({ id: container.id, execId: '' }).then(
      ({ status }) => status,
      () => gone,
    );
    // It may stay, as the reference does, or go: the container stays in both.
    expect(['gone', Status.RUNNING]).toContain(await serves);
    expect(existsSync(`/proc/${init}`)).toBe(true);
  });
});
