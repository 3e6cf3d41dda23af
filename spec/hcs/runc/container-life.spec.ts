import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { exited, signaled } from '../../../src/hcs/contract/exit-code.js';
import { create, done, shell, text, until } from '../local/on-this-host.js';
import { created, describeWithRunc, disposed, harness } from './on-runc.js';

describeWithRunc('a container of runc', () => {
  const { container, root } = harness();

  test('is held with its init until it is started, and ends with it', async () => {
    const system = container('echo out; echo err >&2; exit 7');
    const init = await created(system);
    expect(init.pid).toBeGreaterThan(1);
    expect(existsSync(`/proc/${init.pid}`)).toBe(true);
    await done(system.start());
    const outcomes = await Promise.all([
      text(init.stdio.stdout),
      text(init.stdio.stderr),
      firstValueFrom(init.exit$),
    ]);
    expect(outcomes).toEqual(['out\n', 'err\n', exited(7)]);
    expect(await firstValueFrom(system.exit$)).toEqual({ reason: 'ended' });
    await done(init.close());
    await disposed(system);
    expect(existsSync(join(root(), system.id))).toBe(false);
  });

  test('takes input, and delivers its end', async () => {
    const system = container(['cat']);
    const init = await created(system);
    await done(system.start());
    await init.stdio.stdin?.write(Buffer.from('hello\n'));
    await done(init.closeStdin());
    expect(await text(init.stdio.stdout)).toBe('hello\n');
    expect(await firstValueFrom(init.exit$)).toEqual(exited(0));
    await disposed(system);
  });

  test('takes further processes, before and after its start', async () => {
    const system = container(['sleep', '1000']);
    await created(system);
    const early = await create(system, shell('echo early; exit 3'));
    expect([await text(early.stdio.stdout), await firstValueFrom(early.exit$)]).toEqual([
      'early\n',
      exited(3),
    ]);
    await done(system.start());
    const late = await create(system, shell('read line; echo "$line"; kill -9 $$'));
    await late.stdio.stdin?.write(Buffer.from('late\n'));
    expect([await text(late.stdio.stdout), await firstValueFrom(late.exit$)]).toEqual([
      'late\n',
      signaled(9),
    ]);
    await disposed(system);
  });

  test('passes signals on, and says when there was no process to receive them', async () => {
    const system = container('trap "exit 5" USR1; echo ready; while :; do sleep 0.01; done');
    const init = await created(system);
    await done(system.start());
    await until(init.stdio.stdout, /ready/);
    expect(await firstValueFrom(init.signal({ Signal: 10 }))).toBe('delivered');
    expect(await firstValueFrom(init.exit$)).toEqual(exited(5));
    expect(await firstValueFrom(init.signal({ Signal: 10 }))).toBe('notDelivered');
    expect(await firstValueFrom(init.kill())).toBe('notDelivered');
    await disposed(system);
  });

  test('can be killed before it is started', async () => {
    const system = container(['true']);
    const init = await created(system);
    expect(await firstValueFrom(init.kill())).toBe('delivered');
    expect(await firstValueFrom(init.exit$)).toEqual(signaled(9));
    await expect(done(system.start())).rejects.toThrow(/OCI runtime start failed/);
    await disposed(system);
  });

  test('counts its processes as the kernel does', async () => {
    const system = container(['sleep', '1000']);
    const init = await created(system);
    await done(system.start());
    const other = await create(system, { args: ['sleep', '1000'] });
    expect([...(await firstValueFrom(system.pids()))].sort()).toEqual([init.pid, other.pid].sort());
    await disposed(system);
    expect(await firstValueFrom(other.exit$)).toEqual(signaled(9));
  });
});
