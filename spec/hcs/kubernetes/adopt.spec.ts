import { expect, it } from '@jest/globals';
import { kubernetesRegistry } from '../../../src/hcs/kubernetes/index.js';
import { thisProgram } from '../../../src/hcs/native/process/program-identity.js';
import { adoptTask, listTasks, reap, type Task, text } from '../../../src/index.js';
import { abandonedBy } from '../../support/abandoned.js';
import { bundleProgram } from '../../support/bundle-program.js';
import type { Wish } from './adopt-host.js';
import { onCluster } from './on-cluster.js';

const host = bundleProgram(new URL('adopt-host.ts', import.meta.url));
const sh = (script: string): readonly string[] => ['sh', '-c', script];

onCluster('a pod is adopted', ({ cluster, place, task }) => {
  const registry = () => kubernetesRegistry(place());
  const adopt = (id: string, options: Partial<Parameters<typeof adoptTask>[0]> = {}): Promise<Task> =>
    Promise.resolve(
      adoptTask({ id: 'again', system: registry().system(id), stdio: { stdout: 'pipe' }, ...options }),
    );
  /** The name of a pod whose program was killed. */
  const abandoned = (wish: Wish): Promise<string> =>
    abandonedBy(host, JSON.stringify({ ...place(), image: cluster().image }), JSON.stringify(wish));
  /** A deletion takes a moment to be carried out. */
  const goneFrom = async (name: string): Promise<void> => {
    while ((await cluster().podNames()).includes(name)) await new Promise((next) => setTimeout(next, 20));
  };
  const stateOf = async (name: string) =>
    (await listTasks({ registry: registry() })).find(({ id }) => id === name);

  it('while it runs, with all of its output and its true end', async () => {
    const id = await abandoned({ script: 'trap "exit 7" TERM; echo first; while :; do sleep 0.05; done' });
    const again = await adopt(id);
    expect(again.init.state).toBe('running');
    const output = text(again.init.stdout);
    expect(await again.stop()).toMatchObject({ by: 'signal', kind: 'exited', status: 7 });
    // The shell reports what became of its child.
    expect(await output).toMatch(/^first\n/);
    await again.delete();
    await goneFrom(id);
  });

  it('with its new output alone, where that is asked for', async () => {
    const id = await abandoned({
      script: 'mkfifo /tmp/gate; echo old; read line </tmp/gate; echo new; exit 3',
    });
    const again = await adopt(id, { output: 'end' });
    const output = text(again.init.stdout);
    const opener = await again.createExec({ id: 'opener', spec: { args: sh('echo go >/tmp/gate') } });
    await opener.start();
    expect(await output).toBe('new\n');
    expect(await again.wait()).toMatchObject({ kind: 'exited', status: 3 });
    await again.delete();
  });

  it('after its end, with its output and its true end', async () => {
    const id = await abandoned({ script: 'echo out; sleep 0.2; exit 9' });
    while ((await stateOf(id))?.state !== 'exited') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await stateOf(id)).toMatchObject({ exit: { kind: 'exited', code: 9, at: expect.any(Number) } });
    const again = await adopt(id);
    expect(await text(again.init.stdout)).toBe('out\n');
    expect(await again.wait()).toMatchObject({ kind: 'exited', status: 9 });
    await again.delete();
  });

  it('with its execs: those that run can be ended and waited for, those that have ended have their exit', async () => {
    const id = await abandoned({
      script: 'echo up; exec sleep 1000',
      execs: {
        worker: 'trap "exit 4" TERM; echo up; while :; do sleep 0.05; done',
        other: 'echo up; exec sleep 1000',
        ended: 'echo up; exit 6',
      },
    });
    const again = await adopt(id);
    expect(again.execs.map((exec) => exec.id).sort()).toEqual(['ended', 'other', 'worker']);
    expect(await again.exec('ended').wait()).toMatchObject({ kind: 'exited', status: 6 });
    await again.exec('worker').kill('SIGTERM');
    expect(await again.exec('worker').wait()).toMatchObject({ kind: 'exited', status: 4 });
    expect(await again.exec('other').stop({ grace: 100 })).toMatchObject({ kind: 'signaled' });
    expect(again.init.state).toBe('running');
    await again[Symbol.asyncDispose]();
    await goneFrom(id);
  });

  it('only where there is one', async () => {
    await expect(adopt('nosuch')).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('or reaped: when its lifetime is over, or its program has certainly ended', async () => {
    const owner = 'reaper';
    const [name, boot, namespace] = (thisProgram() as string).split(' ');
    const gone = [name, boot, namespace, 2 ** 22 + 1, 1].join(' ');
    const elsewhere = ['elsewhere', boot, namespace, 2 ** 22 + 1, 1].join(' ');
    const options = { command: ['sleep', '1000'], owner };
    const tasks = await Promise.all([
      task({ ...options, name: 'ours' }),
      task({ ...options, name: 'others', owner: 'another' }),
      task({ ...options, name: 'expired', lifetime: 1 }),
      task({ ...options, name: 'orphan', annotations: { 'io.rxshim.program': gone } }),
      task({ ...options, name: 'elsewhere', annotations: { 'io.rxshim.program': elsewhere } }),
    ]);
    const reaped = await reap({ registry: registry(), owner });
    expect(reaped.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(reaped.map(({ id }) => id).sort()).toEqual(['expired', 'orphan']);
    await Promise.all(['expired', 'orphan'].map(goneFrom));
    expect(await cluster().podNames()).toEqual(expect.arrayContaining(['elsewhere', 'others', 'ours']));
    await Promise.all(tasks.map(({ task: one }) => one[Symbol.asyncDispose]()));
  });

  it('belongs to the objects that its owner names', async () => {
    // A cluster removes a pod whose owner does not exist.
    const owner = await task({ command: ['sleep', '1000'] });
    const reference = { apiVersion: 'v1', kind: 'Pod', name: owner.pod.podName, uid: owner.pod.uid ?? '' };
    const { task: one, pod } = await task({ command: ['sleep', '1000'], ownerReferences: [reference] });
    expect((await cluster().podDocument(pod.podName)).metadata).toMatchObject({
      ownerReferences: [reference],
    });
    await one[Symbol.asyncDispose]();
    await owner.task[Symbol.asyncDispose]();
  });
});
