import { expect, test } from '@jest/globals';
import { firstValueFrom, from, toArray } from 'rxjs';
import { dockerExec } from '../../../src/hcs/docker/index.js';
import { run } from '../../../src/index.js';
import { pool } from '../../../src/orchestrate/index.js';
import { onEachDaemon } from './on-daemons.js';

onEachDaemon('run()', ({ container, containers, daemon, task }) => {
  test('runs each command in a container of its own, which is gone afterwards', async () => {
    const system = container();
    const results = await Promise.all(
      [1, 2].map((status) => run(system, ['sh', '-c', `hostname; exit ${status}`], { reject: false })),
    );
    expect(results.map(({ status }) => status)).toEqual([1, 2]);
    expect(results[0]?.stdout).not.toBe(results[1]?.stdout);
    expect(await containers()).toEqual([]);
  });

  test('runs commands in a container that exists, several at a time', async () => {
    const one = await task({ command: ['sleep', '1000'] });
    const system = dockerExec({ host: daemon().host, container: one.system.id });
    const jobs = from([1, 2, 3, 4, 5]).pipe(
      pool((job) => run(system, ['sh', '-c', `echo ${job}`]), { concurrency: 3 }),
      toArray(),
    );
    expect((await firstValueFrom(jobs)).map(({ result }) => result.stdout).sort()).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    expect(one.init.state).toBe('running');
    await one[Symbol.asyncDispose]();
  });

  test('stops a command after its timeout, and removes its container', async () => {
    const stopped = await run(container(), ['sh', '-c', 'trap "" TERM; sleep 1000'], {
      timeout: 300,
      stop: { grace: 100 },
      reject: false,
    });
    expect(stopped).toMatchObject({ status: 137, stopped: { reason: 'timeout', by: 'kill' } });
    expect(await containers()).toEqual([]);
  });

  test('in a container that another client removes meanwhile ends, and is not 0', async () => {
    const one = await task({ command: ['sleep', '1000'] });
    const system = dockerExec({ host: daemon().host, container: one.system.id });
    const running = run(system, ['sleep', '1000'], { reject: false });
    await new Promise<void>((resolve) => {
      running.subscribe(({ kind }) => kind === 'started' && resolve());
    });
    await one[Symbol.asyncDispose]();
    expect((await running).status).not.toBe(0);
  });
});
