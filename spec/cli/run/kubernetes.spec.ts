import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { onCluster, testImage } from '../../hcs/kubernetes/on-cluster.js';
import { type KubeconfigFile, kubeconfigFile } from '../../support/kubernetes/kubeconfig.js';
import { type Ended, rxshim, scratch, start } from '../rxshim.js';
import { showsTheSameLife } from './same-life.js';

onCluster('rxshim run in a pod', ({ cluster, place, task, noneLeft }) => {
  const at = scratch();
  let config: KubeconfigFile | undefined;
  beforeAll(() => {
    config = kubeconfigFile({ ...place(), contexts: ['staging'] });
  });
  afterAll(() => config?.remove());
  const env = () => ({ KUBECONFIG: config?.path ?? '' });
  const inNew = (options: readonly string[], script: string, input?: string): Promise<Ended> =>
    rxshim(['run', '--kubernetes', cluster().image, ...options, '--', 'sh', '-c', script], {
      env: env(),
      ...(input !== undefined && { input }),
    });

  test('has the output, the input and the exit code of its command, and leaves no pod', async () => {
    expect(
      await inNew(
        ['-i', '-e', 'A=b$(C)', '-w', '/tmp'],
        'cat; echo "$A $PWD"; echo err >&2; exit 3',
        'typed\n',
      ),
    ).toEqual({
      code: 3,
      stdout: 'typed\nb$(C) /tmp\n',
      stderr: 'err\n',
    });
    await noneLeft();
  });

  test('draws the same life, records it, and prints the same object', () =>
    showsTheSameLife(inNew, at('life')));

  // A real cluster has no such namespaces.
  (testImage === 'busybox' ? test : test.skip)(
    'uses the namespace of its option, else that of the context',
    async () => {
      await inNew(['--namespace', 'jobs'], 'true');
      expect(cluster().asked).toContain('POST /api/v1/namespaces/jobs/pods');
      await inNew(['--context', 'staging'], 'true');
      expect(cluster().asked).toContain('POST /api/v1/namespaces/staging/pods');
    },
  );

  test('ends with 124 after its timeout, and with 127 for a command that is not there', async () => {
    const slow = await inNew(['--timeout', '300ms', '--stop-timeout', '100ms'], 'trap "" TERM; sleep 100');
    expect(slow).toMatchObject({ code: 124 });
    const missing = await rxshim(['run', '--kubernetes', cluster().image, '--', 'nosuch'], { env: env() });
    expect(missing).toMatchObject({ code: 127, stdout: '', stderr: expect.stringContaining('nosuch') });
    await noneLeft();
  });

  test('stops the pod on Ctrl-C', async () => {
    const script = 'trap "exit 6" INT; echo up; while :; do sleep 0.05; done';
    const running = start(['run', '--kubernetes', cluster().image, '--', 'sh', '-c', script], {
      env: env(),
      detached: true,
    });
    await running.said(/up/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 6 });
    await noneLeft();
  });

  test('runs a command in a pod that exists, kills what it leaves behind, and leaves the pod', async () => {
    const one = await task({ command: ['sleep', '1000'] });
    const { podName } = one.pod;
    const run = (place: string, script: string, ...options: readonly string[]): Promise<Ended> =>
      rxshim(['run', '--kubernetes-exec', place, ...options, '--', 'sh', '-c', script], { env: env() });
    expect(await run(podName, 'echo "$A"; sleep 4001 >/dev/null 2>&1 & exit 7', '-e', 'A=b')).toEqual({
      code: 7,
      stdout: 'b\n',
      stderr: '',
    });
    const processes = 'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline; echo; done';
    expect(await run(`${podName}/main`, processes)).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining('sleep 4001'),
    });
    expect(
      await run(podName, 'trap "" TERM; sleep 100', '--timeout', '300ms', '--stop-timeout', '100ms'),
    ).toMatchObject({ code: 124 });
    expect(await run(`${podName}/nosuch`, 'true')).toEqual({
      code: 125,
      stdout: '',
      stderr: expect.stringMatching(/^rxshim: .*no container nosuch \(it has main\)\n$/),
    });
    expect(one.task.init.state).toBe('running');
    await one.task.stop({ grace: 0 });
    await one.task.delete();
  });

  test.each([
    [['--kubernetes-exec', 'nosuch'], 125, /^rxshim: .*pods "nosuch" not found.*\n$/],
    [['--kubernetes', 'UPPER'], 125, /^rxshim: .*InvalidImageName.*\n$/],
    [['--kubernetes', 'busybox', '--context', 'nosuch'], 125, /^rxshim: context: .*\(main, staging\).*\n$/],
    [['--kubernetes', 'busybox', '--docker', 'x'], 2, /^rxshim: --kubernetes: expected no --docker beside/],
    [
      ['--kubernetes', 'busybox', '--docker-option', 'a=b'],
      2,
      /^rxshim: --docker-option: expected no --kube/,
    ],
    [['--kubernetes', 'busybox', '--user', 'root'], 2, /^rxshim: --user: expected UID/],
    [['--kubernetes-exec', 'web', '--user', '0'], 2, /^rxshim: --user: expected none with --kubernetes-exec/],
    [['--kubernetes-exec', 'web/a/b'], 2, /^rxshim: --kubernetes-exec: expected POD or POD\/CONTAINER/],
    [['--namespace', 'jobs'], 2, /^rxshim: --namespace: expected --kubernetes or/],
    [['--context', 'staging'], 2, /^rxshim: --context: expected --kubernetes or/],
  ] as const)('reports what is wrong with %j in one line', async (options, code, stderr) => {
    expect(await rxshim(['run', ...options, '--', 'true'], { env: env() })).toEqual({
      code,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  });

  test('reports an API server that does not answer by its address', async () => {
    const nowhere = kubeconfigFile({ server: 'http://127.0.0.1:1' });
    const ended = await rxshim(['run', '--kubernetes-exec', 'web', '--', 'true'], {
      env: { KUBECONFIG: nowhere.path },
    });
    nowhere.remove();
    expect(ended).toEqual({ code: 125, stdout: '', stderr: expect.stringContaining('http://127.0.0.1:1') });
  });
});
