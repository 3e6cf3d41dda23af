/** Docker with the runtime, compared step by step with Docker and its own: the same output and the same exit codes. */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { describeContainersWith } from '../support/containerd/describe-containers.js';
import { makeRootfs } from '../support/containerd/image.js';
import { type Ended, run, until } from '../support/containerd/run.js';
import { runtime } from '../support/containerd/runtime.js';
import { useContainerd } from '../support/containerd/use-containerd.js';
import { steps } from './docker-steps.js';

const full = process.env['RXSHIM_SID_FULL'] === 'true';
const selected = steps.filter((step) => full || step.full === undefined);

describeContainersWith('docker', 'dockerd')('a container of Docker', () => {
  const containerd = useContainerd();
  const at = (name: string): string => join(containerd().directory, 'docker', name);
  const docker = (...args: string[]): Promise<Ended> =>
    run('docker', ['-H', `unix://${at('sock')}`, ...args]);
  let daemon: ReturnType<typeof spawn> | undefined;

  beforeAll(async () => {
    for (const folder of ['', 'root', 'exec']) mkdirSync(at(folder), { recursive: true });
    writeFileSync(at('daemon.json'), JSON.stringify({ runtimes: { compared: { runtimeType: runtime } } }));
    const { namespace, directory } = containerd();
    const log = openSync(at('log'), 'a');
    const places = ['--data-root', at('root'), '--exec-root', at('exec'), '--pidfile', at('pid')];
    const network = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
    daemon = spawn(
      'dockerd',
      [
        ...['--config-file', at('daemon.json'), '--host', `unix://${at('sock')}`, ...places, ...network],
        ...['--containerd', join(directory, 'containerd.sock'), '--containerd-namespace', namespace],
        ...['--storage-driver=overlay2', '--exec-opt', 'native.cgroupdriver=cgroupfs'],
        ...['--cgroup-parent', `/${namespace}`],
      ],
      { stdio: ['ignore', log, log], env: { ...process.env, DOCKER_RAMDISK: '' } },
    );
    closeSync(log);
    await until(async () => (await docker('version')).code === 0).catch((error) => {
      throw new Error(readFileSync(at('log'), 'utf8').slice(-2000), { cause: error });
    });
    const rootfs = makeRootfs(at('rootfs'));
    execFileSync('sh', ['-c', 'ln -s busybox "$1/bin/$2"', 'sh', rootfs, 'hostname']);
    for (const name of ['md5sum', 'df', 'cut', 'pwd'])
      execFileSync('ln', ['-s', 'busybox', join(rootfs, 'bin', name)]);
    execFileSync('tar', ['-C', rootfs, '-cf', at('image.tar'), '.']);
    const change = ['-c', 'ENV PATH=/bin', '-c', 'CMD ["sh"]'];
    const imported = await docker('import', ...change, at('image.tar'), 'image:steps');
    if (imported.code !== 0) throw new Error(imported.stderr);
  });

  afterEach(async () => {
    const { stdout } = await docker('ps', '-aq');
    const ids = stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await docker('rm', '-f', ...ids);
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => daemon?.once('exit', resolve));
    daemon?.kill('SIGTERM');
    await ended;
  });

  let count = 0;
  const outcome = async (name: string, script: string): Promise<object> => {
    const id = `step${++count}`;
    const head = `docker() { command docker -H unix://${at('sock')} "$@"; }
I=image:steps N=${id} NEW="docker run --network none --runtime ${name}" RUN="docker run --rm --network none --runtime ${name}"
`;
    const { code, stdout, stderr } = await run('bash', ['-c', head + script]);
    const plain = (text: string): string =>
      text
        .replaceAll(id, 'NAME')
        .replace(/\b[0-9a-f]{12,64}\b/g, 'ID')
        // Docker 20.10's client logs this or not, with either runtime, as its two requests happen to end.
        .replace(/time="[^"]*" level=error msg="error waiting for container: context canceled"\n/g, '')
        // The client advises to read its help.
        .replace(/\n?Run 'docker run --help'.*\n?/g, '');
    return { code, stdout: plain(stdout), stderr: plain(stderr) };
  };

  it.each(selected.map(({ title, script }) => [title, script]))('%s', async (_, script) => {
    const [theirs, ours] = await Promise.all([outcome('runc', script), outcome('compared', script)]);
    expect(ours).toEqual(theirs);
  });
});
