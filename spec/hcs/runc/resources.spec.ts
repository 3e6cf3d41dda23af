import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { exited, signaled } from '../../../src/hcs/contract/exit-code.js';
import type { RuncStats } from '../../../src/hcs/runc/index.js';
import { Metrics } from '../../../src/shim/messages/generated/cgroups-v1.js';
import { Metrics as MetricsV2 } from '../../../src/shim/messages/generated/cgroups-v2.js';
import { create, done, shell, text, until } from '../local/on-this-host.js';
import { type Config, created, describeWithRunc, disposed, harness } from './on-runc.js';

/** The shim passes its messages on unchanged: this compiles only as long as their types match. */
const encoded = (stats: RuncStats): Uint8Array =>
  stats.version === 1 ? Metrics.encode(stats.metrics).finish() : MetricsV2.encode(stats.metrics).finish();

const memoryLimit = (config: Config): void => {
  config.linux.resources.memory = { limit: 32 * 1024 * 1024 };
};

describeWithRunc('what a container may use', () => {
  const { container } = harness();

  test('is counted by the kernel', async () => {
    const system = container('while :; do :; done', { config: memoryLimit });
    await created(system);
    await done(system.start());
    const counted = async () => Metrics.decode(encoded(await firstValueFrom(system.stats())));
    // Until the program has taken the runtime's place its threads are counted too.
    while ((await counted()).pids?.current !== 1n) await new Promise((resolve) => setTimeout(resolve, 5));
    const { memory, memoryOomControl } = await counted();
    expect(memory?.usage?.limit).toBe(32n * 1024n * 1024n);
    expect(memory?.usage?.usage).toBeGreaterThan(0n);
    expect(memoryOomControl?.oomKill).toBe(0n);
    await disposed(system);
    await expect(firstValueFrom(system.stats())).rejects.toHaveProperty('kind', 'notFound');
  });

  test('is changed while it runs', async () => {
    const system = container(['sleep', '1000'], { config: memoryLimit });
    await created(system);
    await done(system.start());
    await done(system.update({ memory: { limit: 64 * 1024 * 1024 }, pids: { limit: 7 } }));
    const stats = await firstValueFrom(system.stats());
    if (stats.version !== 1) throw new Error('these specs know version 1 only');
    expect([stats.metrics.memory?.usage?.limit, stats.metrics.pids?.limit]).toEqual([
      64n * 1024n * 1024n,
      7n,
    ]);
    await expect(done(system.update({ memory: { limit: -7 } }))).rejects.toThrow(/OCI runtime update failed/);
    await disposed(system);
  });

  test('is not exceeded: a process that takes too much memory is killed, and that is reported once', async () => {
    const system = container(['sleep', '1000'], { config: memoryLimit });
    const kills = lastValueFrom(system.oom$.pipe(toArray()));
    await created(system);
    await done(system.start());
    const next = firstValueFrom(system.oom$);
    const greedy = await create(system, shell('tail /dev/zero'));
    expect(await firstValueFrom(greedy.exit$)).toEqual(signaled(9));
    await next;
    await disposed(system);
    expect(await kills).toHaveLength(1);
  });

  test('and is reported for an init too, that ends by it', async () => {
    const system = container('tail /dev/zero', { config: memoryLimit });
    const kills = lastValueFrom(system.oom$.pipe(toArray()));
    const init = await created(system);
    await done(system.start());
    await firstValueFrom(init.exit$);
    await disposed(system);
    expect(await kills).toHaveLength(1);
  });

  test('can be taken away for a while', async () => {
    const system = container('while read line; do echo "$line"; done');
    const init = await created(system);
    await done(system.start());
    await done(system.pause());
    await init.stdio.stdin?.write(Buffer.from('hello\n'));
    await expect(create(system, { args: ['true'] })).rejects.toThrow(/paused/);
    await expect(done(system.pause())).rejects.toThrow(/OCI runtime pause failed/);
    await done(system.resume());
    await until(init.stdio.stdout, /hello/);
    await expect(done(system.resume())).rejects.toThrow(/OCI runtime resume failed/);
    await done(init.closeStdin());
    expect(await firstValueFrom(init.exit$)).toEqual(exited(0));
    await disposed(system);
  });

  test('does not keep a paused container from being killed', async () => {
    const system = container(['sleep', '1000']);
    const init = await created(system);
    await done(system.start());
    await done(system.pause());
    await done(init.kill());
    expect(await firstValueFrom(init.exit$)).toEqual(signaled(9));
    await disposed(system);
  });
});

describeWithRunc('a container that shares the process ids of the host', () => {
  const { container } = harness();
  const shared = (config: Config): void => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }: { type: string }) => type !== 'pid');
  };

  test('has ended with its init when nothing of it is left', async () => {
    const system = container('sleep 1000 & echo $!; read line', { config: shared });
    const init = await created(system);
    await done(system.start());
    const [child] = (await until(init.stdio.stdout, /\d+\n/)).split('\n');
    const beside = await create(system, { args: ['sleep', '1000'] });
    await done(init.closeStdin());
    expect(await firstValueFrom(beside.exit$)).toEqual(signaled(9));
    expect(await firstValueFrom(system.exit$)).toEqual({ reason: 'ended' });
    await text(init.stdio.stdout);
    await disposed(system);
    // Orphans come to this process, which has no use for them but to let them go.
    while (existsSync(`/proc/${child}`)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test('takes one signal for all of its processes', async () => {
    const system = container('trap "exit 3" USR1; sleep 1000 & echo ready; wait', { config: shared });
    const init = await created(system);
    await done(system.start());
    await until(init.stdio.stdout, /ready/);
    const beside = await create(system, { args: ['sleep', '1000'] });
    expect(await firstValueFrom(system.signalAll(10))).toBe('delivered');
    expect(await firstValueFrom(beside.exit$)).toEqual(signaled(10));
    expect(await firstValueFrom(init.exit$)).toEqual(exited(3));
    await disposed(system);
  });
});
