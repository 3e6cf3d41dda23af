import { expect, test } from '@jest/globals';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import type { DockerContainer, LogLine } from '../../../src/hcs/docker/index.js';
import { createTask, type Task } from '../../../src/index.js';
import { onEachDaemon, quickly } from './on-daemons.js';

const sh = (script: string) => ['sh', '-c', script];

const tarNames = (archive: Uint8Array): string[] => {
  const names: string[] = [];
  for (let at = 0; at + 512 <= archive.length; ) {
    const name = Buffer.from(archive.subarray(at, at + 100))
      .toString()
      .replace(/\0.*$/s, '');
    if (name === '') break;
    names.push(name.replace(/\/$/, ''));
    const size = Number.parseInt(Buffer.from(archive.subarray(at + 124, at + 135)).toString(), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
};

onEachDaemon(
  'what a daemon knows of a container',
  ({ name, container, daemon }) => {
    const started = async (
      options: Parameters<typeof container>[0],
    ): Promise<readonly [DockerContainer, Task]> => {
      const system = container(options);
      const task = await createTask({ id: 'facts', system });
      await task.init.start();
      return [system, task];
    };

    test('is published as events, each once, those before the subscription included', async () => {
      const [system, task] = await started({ command: sh('sleep 0.3; exit 3') });
      const [events] = await Promise.all([lastValueFrom(system.events$.pipe(toArray())), task.wait()]);
      const actions = events.map(({ action }) => action);
      expect(actions.slice(0, 1)).toEqual(['create']);
      expect(actions.filter((action) => action === 'start')).toHaveLength(1);
      const died = events.find(({ action }) => /^(die|died)$/.test(action));
      if (name === 'docker') expect(died?.attributes['exitCode']).toBe('3');
      expect(Math.abs((died?.at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      await task.delete();
    });

    test('are its statistics, until it has ended', async () => {
      const [system, task] = await started({ command: sh('while :; do :; done'), memory: '64m' });
      const stats = await firstValueFrom(system.stats$.pipe(take(2), toArray()));
      expect(stats).toHaveLength(2);
      expect(stats[1]?.memory.limit).toBe(64 * 2 ** 20);
      expect(stats[1]?.memory.usage).toBeGreaterThan(0);
      expect(stats[1]?.cpu.total).toBeGreaterThan(stats[0]?.cpu.total ?? Number.POSITIVE_INFINITY);
      expect(stats[1]?.cpu.load).toBeGreaterThan(0);
      const rest = lastValueFrom(system.stats$, { defaultValue: undefined });
      await task.kill('SIGKILL');
      await rest;
      await task.delete();
    });

    test('are the lines of its log with their times, from the past on to its end', async () => {
      const [system, task] = await started({
        command: sh(
          'echo one; echo two >&2; sleep 0.2; printf "thr\\303\\244\\n"; ' +
            // Podman 4.3 leaves a last line without an end out while it follows, and joins it to the one before with `tail`.
            (name === 'docker' ? 'printf rest' : 'echo rest'),
        ),
      });
      const read = async (options?: Parameters<DockerContainer['logs']>[0]): Promise<string[]> =>
        (await lastValueFrom(system.logs(options).pipe(toArray()))).map(
          ({ stream, text }) => `${stream} ${text}`,
        );
      const followed = await read();
      await task.wait();
      expect([...followed].sort()).toEqual(['stderr two', 'stdout one', 'stdout rest', 'stdout thrä']);
      expect([...(await read({ follow: false }))].sort()).toEqual([...followed].sort());
      expect(await read({ follow: false, tail: 1 })).toEqual(['stdout rest']);
      expect(await read({ follow: false, since: new Date(Date.now() + 1_000) })).toEqual([]);
      const [first] = await lastValueFrom(system.logs().pipe(toArray()));
      expect(Math.abs(((first as LogLine).at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      await task.delete();
    });

    test('has no line twice and loses none when the daemon is killed and started again', async () => {
      // Docker would kill the container.
      if (name === 'docker') return;
      const count = 300;
      const [system, task] = await started({
        command: sh(`i=0; while [ $i -lt ${count} ]; do echo line $i; i=$((i+1)); sleep 0.01; done`),
      });
      const lines = lastValueFrom(system.logs().pipe(toArray()));
      await firstValueFrom(system.logs());
      await daemon().kill();
      await daemon().start();
      expect((await lines).map(({ text }) => text)).toEqual(
        Array.from({ length: count }, (_, i) => `line ${i}`),
      );
      await task.delete();
    }, 120_000);

    test('is whether it was out of memory, also beside its first process', async () => {
      const system = container({ command: sh('x=a; while :; do x=$x$x; done'), memory: '16m' });
      let kills = 0;
      system.oom$.subscribe(() => (kills += 1));
      const task = await createTask({ id: 'oom', system });
      await task.init.start();
      expect(await task.wait()).toMatchObject({ kind: 'exited', status: 137 });
      // Podman 4.3 reports it by no means.
      if (name === 'docker') expect(kills).toBe(1);
      await task.delete();
      if (name !== 'docker') return;
      const [other, beside] = await started({ command: ['sleep', '1000'], memory: '16m' });
      const oom = firstValueFrom(other.oom$);
      const exec = await beside.createExec({
        id: 'eater',
        spec: { args: sh('x=a; while :; do x=$x$x; done') },
      });
      await exec.start();
      await oom;
      expect(await exec.wait()).toMatchObject({ status: 137 });
      expect(beside.init.state).toBe('running');
      await beside[Symbol.asyncDispose]();
    });

    test('is its health, as its check finds it', async () => {
      const check = { Test: ['CMD-SHELL', 'test -e /tmp/well'], Interval: 2e8, Retries: 1 };
      const [system, task] = await started({
        command: sh('sleep 1; touch /tmp/well; sleep 1000'),
        Healthcheck: check,
      });
      const first = await firstValueFrom(system.health$);
      expect(['starting', 'unhealthy']).toContain(first);
      // Podman's checks are timers of systemd.
      if (name === 'docker') {
        await system.ready({ healthy: true });
        const exec = await task.createExec({ id: 'ill', spec: { args: ['rm', '/tmp/well'] } });
        await exec.start();
        expect(await firstValueFrom(system.health$.pipe(take(2), toArray()))).toEqual([
          'healthy',
          'unhealthy',
        ]);
      }
      await task[Symbol.asyncDispose]();
      const [without, other] = await started({ command: ['sleep', '1000'] });
      expect(await lastValueFrom(without.health$)).toBe('none');
      await expect(without.ready({ healthy: true })).rejects.toMatchObject({ kind: 'failedPrecondition' });
      await other[Symbol.asyncDispose]();
    });

    test('is when it is ready, by a line or by its port', async () => {
      const [system, task] = await started({ command: sh('sleep 0.3; echo "now ready"; exec sleep 1000') });
      await system.ready({ line: /ready$/g });
      await expect(system.ready({ line: 'never' }, 300)).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('it wrote a line with never'),
      });
      const early = system.ready({ line: 'never' });
      const failed = expect(early).rejects.toMatchObject({ kind: 'failedPrecondition' });
      await task.kill('SIGKILL');
      await failed;
      await task.delete();
    });

    test('takes files in and gives files out, in pieces', async () => {
      const [system, task] = await started({ command: ['sleep', '1000'], workdir: '/home' });
      const long = `${'folder/'.repeat(20)}file`;
      const big = Buffer.alloc(3_000_000, 'x');
      await system.copyIn('/home', {
        'conf/app.json': '{"a":1}',
        'run.sh': '#!/bin/sh\necho ran',
        big,
        [long]: 'deep',
      });
      const look = await task.createExec({
        id: 'look',
        spec: { args: sh(`cat conf/app.json; ./run.sh; wc -c <big; cat ${long}`) },
        stdio: { stdout: 'pipe' },
      });
      await look.start();
      let said = '';
      for await (const chunk of look.stdout ?? []) said += Buffer.from(chunk as Uint8Array).toString();
      expect(said).toBe('{"a":1}ran\n3000000\ndeep');
      const pieces: Uint8Array[] = [];
      for await (const piece of system.copyOut('/home/conf')) pieces.push(piece);
      expect(tarNames(Buffer.concat(pieces))).toEqual(['conf', 'conf/app.json']);
      // What came out goes in as it is.
      await system.copyIn('/tmp', Buffer.concat(pieces));
      for await (const piece of system.copyOut('/home/big')) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
      // Podman makes the folder.
      if (name === 'docker')
        await expect(system.copyIn('/nosuch', { a: '' })).rejects.toMatchObject({ kind: 'notFound' });
      await expect(system.copyIn('/home', { '../a': '' })).rejects.toMatchObject({ kind: 'invalidArgument' });
      await expect(
        (async () => {
          for await (const _ of system.copyOut('/nosuch')) break;
        })(),
      ).rejects.toMatchObject({ kind: 'notFound' });
      await task[Symbol.asyncDispose]();
    });

    test('is nothing before it exists', async () => {
      const system = container();
      await expect(firstValueFrom(system.events$)).rejects.toMatchObject({ kind: 'failedPrecondition' });
      expect(() => system.ready({ line: 'x' }, -1)).toThrow('timeout: expected milliseconds');
      await expect(system.port(80)).rejects.toMatchObject({ kind: 'failedPrecondition' });
    });
  },
  quickly('docker'),
);
