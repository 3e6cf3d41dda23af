import { expect, it } from '@jest/globals';
import { EMPTY, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { createTask, text } from '../../../src/index.js';
import { onCluster, testImage } from './on-cluster.js';

const sh = (script: string): { readonly command: readonly string[] } => ({ command: ['sh', '-c', script] });
const idle = sh("trap 'exit 0' TERM; while :; do sleep 0.05; done");

/** No registry is there. */
const missing = '127.0.0.1:1/missing:1';
const fromConfigMap = { configMapKeyRef: { name: 'absent', key: 'a' } };
const unconfigured = {
  containers: [{ name: 'c', image: testImage, env: [{ name: 'A', valueFrom: fromConfigMap }] }],
};

onCluster('a pod', ({ cluster, pod, task, noneLeft }) => {
  it('gives its output from the first byte, and its exit code', async () => {
    const { task: one } = await task(sh('echo hello; exit 3'), { stdio: { stdout: 'pipe' } });
    expect(await text(one.init.stdout)).toBe('hello\n');
    expect(await one.wait()).toMatchObject({ kind: 'exited', code: 3 });
    await one.delete();
    await noneLeft();
  });

  it('gives each line of its output once, however often its log is cut', async () => {
    const { task: one } = await task(sh('for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; sleep 0.05; done'), {
      stdio: { stdout: 'pipe' },
    });
    let cuts = 0;
    // A log that takes longer to be opened than to be cut again would never be read.
    const cutting = setInterval(() => {
      cluster().cutLogs();
      cuts += 1;
      if (cuts === 8) clearInterval(cutting);
    }, 60);
    const output = await text(one.init.stdout);
    clearInterval(cutting);
    expect(output).toBe(Array.from({ length: 10 }, (_, at) => `line ${at + 1}\n`).join(''));
    await one.delete();
  });

  it('passes arguments on as they are, where a cluster would expand them', async () => {
    const { task: one } = await task(
      {},
      { spec: { args: ['printf', '%s|', '$(HOME)', '$$', '$HOME'] }, stdio: { stdout: 'pipe' } },
    );
    expect(await text(one.init.stdout)).toBe('$(HOME)|$$|$HOME|');
    await one.delete();
  });

  it('has its exit code although its watch was cut and has expired', async () => {
    const { task: one } = await task(sh('sleep 0.4; exit 6'));
    cluster().cutWatches();
    cluster().expireWatches();
    expect(await one.wait()).toMatchObject({ kind: 'exited', code: 6 });
    await one.delete();
  });

  it('is lost, with the reason, where another client deletes it by force', async () => {
    const { task: one, pod: system } = await task(idle);
    await cluster().deleteElsewhere(system.podName, 0);
    expect(await one.wait()).toMatchObject({
      kind: 'lost',
      reason: expect.stringMatching(/was deleted by force/),
    });
    await one.delete();
  });

  it('has its exit code, and the cause, where another client deletes it with a grace', async () => {
    const { task: one, pod: system } = await task(
      sh("trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done"),
      {
        stdio: { stdout: 'pipe' },
      },
    );
    for await (const chunk of one.init.stdout ?? [])
      if (String(Buffer.from(chunk as Uint8Array)).includes('ready')) break;
    await cluster().deleteElsewhere(system.podName, 1);
    expect(await one.wait()).toMatchObject({ kind: 'exited', code: 0 });
    expect(await firstValueFrom(system.cause$)).toBe('deleted');
    await one.delete();
  });

  it.each([
    [missing, { pullPolicy: 'Never' as const }, /ErrImageNeverPull/, 'notFound'],
    [missing, {}, /ErrImagePull|ImagePullBackOff/, 'notFound'],
    ['Bad:1', {}, /InvalidImageName/, 'invalidArgument'],
    [undefined, { podSpec: unconfigured }, /CreateContainerConfigError/, 'failedPrecondition'],
    [undefined, { nodeSelector: { gpu: 'yes' } }, /Unschedulable/, 'unavailable'],
  ])(
    'fails to start in time with the reason of the cluster (%s %j)',
    async (image, options, reason, kind) => {
      const starting = task({ ...(image && { image }), ...options, startTimeout: cluster().troubleTime });
      await expect(starting).rejects.toThrow(reason);
      await expect(starting).rejects.toMatchObject({ kind });
      await noneLeft();
    },
  );

  it('fails to start with exit status 127 where its command is not found, although it is still pending', async () => {
    await expect(task({ command: ['no-such-program'] })).rejects.toMatchObject({
      kind: 'notFound',
      exitStatus: 127,
    });
  });

  it.each([
    ['logs', {}],
    ['attach', { stderr: 'pipe' }],
  ] as const)('ends its output (%s) where it was not started', async (_, stdio) => {
    const system = pod({ image: 'Bad:1', command: ['true'] });
    const one = await createTask({ id: 'unstarted', system, stdio: { stdout: 'pipe', ...stdio } });
    const output = text(one.init.stdout);
    await expect(one.init.start()).rejects.toThrow(/InvalidImageName/);
    expect(await output).toBe('');
    await one.delete();
  });

  it('counts each run of a container that is restarted', async () => {
    const system = pod({
      podSpec: {
        restartPolicy: 'OnFailure',
        containers: [{ name: 'c', image: testImage, command: ['sh', '-c', 'sleep 0.2; exit 4'] }],
      },
    });
    const runs = lastValueFrom(system.runs$.pipe(take(2), toArray()));
    await lastValueFrom(system.create?.({}) ?? EMPTY);
    await lastValueFrom(system.start(), { defaultValue: undefined });
    expect((await runs).map(({ code }) => code)).toEqual([4, 4]);
    await lastValueFrom(system.terminate(), { defaultValue: undefined });
    await firstValueFrom(system.exit$);
    await lastValueFrom(system.delete?.() ?? EMPTY, { defaultValue: undefined });
  });

  it('gets the signals that are for it, and its pause process does not, where its processes are shared', async () => {
    const script = (name: string) =>
      `trap : HUP; trap 'exit 4' USR1; trap 'exit 5' TERM; echo ${name}; while :; do sleep 0.05; done`;
    const shared = (name: string) => ({
      podSpec: {
        shareProcessNamespace: true,
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'c', image: testImage, command: sh(script(name)).command }],
      },
    });
    const { task: one } = await task(shared('one'), { stdio: { stdout: 'pipe' } });
    for await (const _ of one.init.stdout ?? []) break;
    const exec = await one.createExec({ id: 'e', spec: { args: ['sleep', '1000'] } });
    await exec.start();
    expect(one.init.pid).toBeGreaterThan(1);
    expect((await one.pids()).map(({ pid }) => pid)).not.toContain(1);
    await one.init.kill('USR1');
    expect(await one.wait()).toMatchObject({ kind: 'exited', code: 4 });
    await one.delete();
    const { task: two } = await task(shared('two'), { stdio: { stdout: 'pipe' } });
    for await (const _ of two.init.stdout ?? []) break;
    const other = await two.createExec({ id: 'e', spec: { args: ['sleep', '1000'] } });
    await other.start();
    await two.kill('HUP', { killMode: 'tree' });
    expect(await other.wait()).toMatchObject({ status: 129 });
    await two.init.kill('TERM');
    expect(await two.wait()).toMatchObject({ kind: 'exited', code: 5 });
    await two.delete();
  });

  it('shares one watch with all others of its program', async () => {
    const before = cluster().asked.filter((request) => request.includes('watch=1')).length;
    const tasks = await Promise.all(Array.from({ length: 5 }, () => task(idle)));
    const after = cluster().asked.filter((request) => request.includes('watch=1')).length;
    expect(after - before).toBeLessThanOrEqual(1);
    for (const { task: one } of tasks) {
      await one.stop({ grace: 1_000 });
      await one.delete();
    }
  });
});
