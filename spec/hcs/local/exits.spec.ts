import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { create, done, init, inSystem, run, shell, until } from './on-this-host.js';

describe('the end of a local process', () => {
  it.each([0, 7, 255])('is reported with its code %i', async (code) => {
    expect((await run(shell(`exit ${code}`))).exit).toEqual({ kind: 'exited', code });
  });

  it.each([1, 9, 15, 34, 64])('is reported with the signal %i that caused it', async (signal) => {
    expect((await run(shell(`kill -${signal} $$`))).exit).toEqual({
      kind: 'signaled',
      signal,
      code: 128 + signal,
    });
  });

  it('is emitted to every subscriber, even a late one', () =>
    inSystem(async (system) => {
      const process = await create(system, shell('exit 3'));
      const early: unknown[] = [];
      process.exit$.subscribe({ next: (exit) => early.push(exit), complete: () => early.push('complete') });
      await done(process.exit$);
      expect(early).toEqual([{ kind: 'exited', code: 3 }, 'complete']);
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 3 });
    }));

  it('does not wait for a grandchild that holds its output', () =>
    inSystem(async (system) => {
      await init(system);
      const process = await create(system, shell('sleep 1000 & echo $!; exit 3'));
      const grandchild = Number(await until(process.stdio.stdout, /\n/));
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'exited', code: 3 });
      expect(await firstValueFrom(system.pids())).toContain(grandchild);
    }));

  it('comes by force where a polite signal is ignored', () =>
    inSystem(async (system) => {
      const process = await create(
        system,
        shell("trap 'echo no' TERM; echo ready; while :; do sleep 0.01; done"),
      );
      await until(process.stdio.stdout, /ready/);
      expect(await firstValueFrom(process.signal({ Signal: 15 }))).toBe('delivered');
      await until(process.stdio.stdout, /no/);
      expect(await firstValueFrom(process.kill())).toBe('delivered');
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'signaled', signal: 9, code: 137 });
    }));

  it('leaves nothing to signal', () =>
    inSystem(async (system) => {
      const process = await create(system, shell('exit 0'));
      await done(process.exit$);
      expect(await firstValueFrom(process.signal({ Signal: 15 }))).toBe('notDelivered');
      expect(await firstValueFrom(process.kill())).toBe('notDelivered');
    }));
});

describe('a signal to a local process', () => {
  it('reaches it alone, and not what it started', () =>
    inSystem(async (system) => {
      await init(system);
      const process = await create(system, shell('sleep 1000 & echo $!; wait'));
      const child = Number(await until(process.stdio.stdout, /\n/));
      await firstValueFrom(process.signal({ Signal: 15 }));
      expect(await firstValueFrom(process.exit$)).toEqual({ kind: 'signaled', signal: 15, code: 143 });
      expect(await firstValueFrom(system.pids())).toContain(child);
    }));

  it.each([[0], [-1], [65], [1.5], ['CtrlC']])('is refused when it is %p', (signal) =>
    inSystem(async (system) => {
      const process = await init(system);
      const asked = firstValueFrom(process.signal({ Signal: signal as number }));
      await expect(asked).rejects.toMatchObject({ kind: 'invalidArgument', field: 'Signal', value: signal });
    }),
  );
});
