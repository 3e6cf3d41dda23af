import { mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { ComputeProcess } from '../../../src/hcs/contract/compute-process.js';
import { exited } from '../../../src/hcs/contract/exit-code.js';
import { createTask, text as textOfTask } from '../../../src/index.js';
import { create, done, shell, text, until } from '../local/on-this-host.js';
import {
  type Config,
  created,
  describeWithRunc,
  disposed,
  harness,
  leftBehind,
  runcPath,
  runtimeScript,
} from './on-runc.js';

describeWithRunc('what can be chosen about a container', () => {
  const { bundle, container, root, path } = harness();

  test('goes to the runtime in its own words', async () => {
    const written = path('arguments');
    const binary = runtimeScript(path('recording'), { create: `echo "$@" >"${written}"; exit 1` });
    const system = container(['true'], {
      binary,
      systemdCgroup: true,
      noPivotRoot: true,
      noNewKeyring: true,
    });
    await expect(created(system)).rejects.toThrow(/exit status 1/);
    const said = readFileSync(written, 'utf8').trim();
    expect(said).toMatch(
      new RegExp(`^--root ${root()} --systemd-cgroup --log \\S+ --log-format json create `),
    );
    expect(said).toMatch(/ --bundle \S+ --no-pivot --no-new-keyring --pid-file \S+ \S+$/);
    expect(said.endsWith(system.id)).toBe(true);
  });

  test('is that the pipes of its processes are owned by another user', async () => {
    const config = (config: Config) => {
      config.process.user = { uid: 1234, gid: 4321 };
    };
    const script = 'stat -L -c "%u:%g" /proc/self/fd/1; echo again >/dev/stdout';
    const system = container(`${script}; cat`, { config, ioUid: 1234, ioGid: 4321 });
    const init = await created(system);
    await done(system.start());
    expect(await until(init.stdio.stdout, /again/)).toBe('1234:4321\nagain\n');
    const process = await create(system, shell(script));
    expect([await text(process.stdio.stdout), await firstValueFrom(process.exit$)]).toEqual([
      '1234:4321\nagain\n',
      exited(0),
    ]);
    await disposed(system);
  });

  test('is a whole document for a process beside the init, to which nothing is added', async () => {
    const system = container(['sleep', '1000']);
    await created(system);
    const whole = { args: ['env'], cwd: '/tmp', env: ['PATH=/bin', 'ONLY=this'], user: { uid: 7, gid: 8 } };
    const process: ComputeProcess = await create(system, whole);
    const lines = (await text(process.stdio.stdout)).trim().split('\n');
    expect(lines).toContain('ONLY=this');
    expect(lines.some((line) => line.startsWith('TERM='))).toBe(false);
    await disposed(system);
  });

  test('is a checkpoint, from which the start restores it with the streams of its creation', async () => {
    const made = bundle('read line; echo "restored $line"; exit 5');
    const image = path('image');
    mkdirSync(image);
    // In place of criu: what is restored is a container onSpawn anew.
    const binary = runtimeScript(path('restoring'), {
      restore: `echo "$@" >"${path('restore-arguments')}"; exec ${runcPath()} --root ${root()} run --detach --bundle ${made} --pid-file "$pidfile" "$last"`,
    });
    const system = container([], { bundle: made, binary, checkpoint: image, criuWorkPath: path('work') });
    const task = await createTask({ id: system.id, system, stdio: { stdin: 'pipe', stdout: 'pipe' } });
    expect(task.init.status()).toMatchObject({ status: 'CREATED', pid: 0 });
    await task.init.start();
    expect(task.init.status().pid).toBeGreaterThan(1);
    await task.init.stdin?.write(Buffer.from('well\n'));
    expect(await textOfTask(task.init.stdout)).toBe('restored well\n');
    expect(await task.wait()).toMatchObject({ status: 5 });
    await task.delete();
    expect(readFileSync(path('restore-arguments'), 'utf8')).toMatch(
      / restore --detach --no-subreaper --image-path \S+\/image --work-path \S+\/work --bundle \S+ --pid-file \S+ \S+\n$/,
    );
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('is a checkpoint that nothing comes of, where it is never started', async () => {
    const system = container(['true'], { checkpoint: path('never') });
    const task = await createTask({ id: system.id, system, stdio: { stdout: 'pipe' } });
    await task.delete();
    expect(task.init.status()).toMatchObject({ status: 'STOPPED', pid: 0 });
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('is a checkpoint whose restoring is given up', async () => {
    const binary = runtimeScript(path('hanging'), { restore: 'exec sleep 1000' });
    const system = container(['true'], { checkpoint: path('never'), binary });
    const init = await created(system);
    const restoring = done(system.start());
    await done(system.terminate());
    await expect(restoring).rejects.toThrow(/OCI runtime restore failed: .* killed by signal 9/);
    expect(await firstValueFrom(init.exit$)).toMatchObject({ code: 137 });
    await disposed(system);
    expect(leftBehind(root(), system.id)).toEqual([]);
  });

  test('is what goes into a checkpoint', async () => {
    const written = path('checkpoint-arguments');
    const binary = runtimeScript(path('checkpointing'), { checkpoint: `echo "$@" >"${written}"; exit 0` });
    const system = container(['sleep', '1000'], { binary });
    await created(system);
    await done(
      system.checkpoint({
        imagePath: '/image',
        workPath: '/work',
        leaveRunning: true,
        tcpEstablished: true,
        externalUnixSockets: true,
        shellJob: true,
        fileLocks: true,
        cgroupsMode: 'soft',
        emptyNamespaces: ['network', 'ipc'],
      }),
    );
    expect(readFileSync(written, 'utf8')).toContain(
      'checkpoint --image-path /image --work-path /work --leave-running --tcp-established --ext-unix-sk --shell-job ' +
        `--file-locks --manage-cgroups-mode soft --empty-ns network --empty-ns ipc ${system.id}\n`,
    );
    await disposed(system);
  });
});
