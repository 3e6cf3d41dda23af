import { expect, it } from '@jest/globals';
import { type Task, text } from '../../../src/index.js';
import { onCluster, speaksV5 } from './on-cluster.js';

const idle = { command: ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 0.05; done"] };

const ended = async (task: Task): Promise<void> => {
  await task.stop({ grace: 500 });
  await task.delete();
};

onCluster('an exec in a pod', ({ cluster, task }) => {
  const running = async () => (await task(idle)).task;

  it('has its true exit code where containerd is restarted while it runs on, whatever the server reports', async () => {
    const one = await running();
    const exec = await one.createExec({
      id: 'e',
      spec: { args: ['sh', '-c', 'echo begun; sleep 0.5; exit 5'] },
      stdio: { stdout: 'pipe' },
    });
    await exec.start();
    cluster().restartContainerd();
    const output = text(exec.stdout).catch((error: unknown) => error);
    expect(await exec.wait()).toMatchObject({ kind: 'exited', code: 5 });
    expect(String(await output)).toMatch(/data loss|begun/);
    await ended(one);
  });

  it('has its true exit code after its connection was cut', async () => {
    const one = await running();
    const exec = await one.createExec({ id: 'e', spec: { args: ['sh', '-c', 'sleep 0.3; exit 7'] } });
    await exec.start();
    cluster().cutExecs();
    const { kind, status } = await exec.wait();
    // Over v4 some servers kill a command with its connection.
    if (speaksV5 || kind !== 'lost') expect({ kind, status }).toEqual({ kind: 'exited', status: 7 });
    await ended(one);
  });

  it('is lost, and no success, where it was cut and its record was removed', async () => {
    const one = await running();
    const exec = await one.createExec({
      id: 'e',
      spec: { args: ['sh', '-c', 'sleep 0.3; kill -9 $PPID'] },
    });
    await exec.start();
    cluster().cutExecs();
    expect(await exec.wait()).toMatchObject({ kind: 'lost' });
    await ended(one);
  });

  it('ends at its timeout with the children that it has started', async () => {
    const one = await running();
    const exec = await one.createExec({
      id: 'e',
      spec: { args: ['sh', '-c', 'sleep 1000 & echo ready; exec sleep 1001'] },
      stdio: { stdout: 'pipe' },
    });
    await exec.start();
    await exec.stop({ grace: 200 });
    expect(await exec.wait()).toMatchObject({ kind: 'signaled' });
    const left = await one.createExec({
      id: 'ps',
      spec: { args: ['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'] },
      stdio: { stdout: 'pipe' },
    });
    await left.start();
    expect(await text(left.stdout)).not.toMatch(/sleep 100[01]/);
    await ended(one);
  });

  it('exits when its command does, although a child of it keeps its output open', async () => {
    const one = await running();
    const exec = await one.createExec({ id: 'e', spec: { args: ['sh', '-c', 'sleep 1000 & exit 3'] } });
    await exec.start();
    expect(await exec.wait()).toMatchObject({ kind: 'exited', code: 3 });
    await ended(one);
  });

  it('is refused with the verbs that a role lacks', async () => {
    const one = await running();
    cluster().refuse(/\/exec\?/, 403);
    const exec = await one.createExec({ id: 'e', spec: { args: ['true'] } });
    await expect(exec.start()).rejects.toThrow(/the role must allow get and create on pods\/exec/);
    cluster().refuse(undefined);
    await ended(one);
  });
});

onCluster(
  'an exec in a pod whose image has no shell',
  ({ task }) => {
    it('has its exit code, and cannot be signalled', async () => {
      const { task: one } = await task({ command: ['sleep', '1000'] });
      const exec = await one.createExec({ id: 'e', spec: { args: ['sleep', '0.4'] } });
      await exec.start();
      await expect(exec.kill('TERM')).rejects.toThrow(/it needs sh, tr and grep of the image/);
      expect(await exec.wait()).toMatchObject({ kind: 'exited', code: 0 });
      await ended(one);
    });
  },
  { hasShell: false },
);
