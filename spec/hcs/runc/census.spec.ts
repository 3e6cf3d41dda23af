import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createTask, text } from '../../../src/index.js';
import { census, leftSince, nothing } from '../../support/census.js';
import { create, done, shell, text as textOf } from '../local/on-this-host.js';
import { type Config, created, describeWithRunc, disposed, harness, leftBehind, leftOf } from './on-runc.js';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describeWithRunc('containers of runc leave nothing behind', () => {
  const { container, root } = harness();

  const live = async (code: number): Promise<string> => {
    const system = container(`echo ${code}; exit ${code}`);
    const task = await createTask({ id: system.id, system, stdio: { stdout: 'pipe' } });
    await task.init.start();
    const [out, { status }] = await Promise.all([text(task.init.stdout), task.wait()]);
    await task.delete();
    expect(leftOf(root(), system.id)).toEqual([]);
    return `${out.trim()} ${status}`;
  };

  const liveInTerminal = async (): Promise<void> => {
    const config = (config: Config) => {
      config.process.terminal = true;
    };
    const system = container('echo out', { config });
    const init = await created(system);
    await done(system.start());
    expect(await textOf(init.stdio.stdout)).toBe('out\r\n');
    await done(init.close());
    await disposed(system);
  };

  /** So many execs at once, each with its own output and code. */
  const liveWithExecs = async (count: number): Promise<void> => {
    const system = container(['sleep', '1000']);
    const task = await createTask({ id: system.id, system });
    await task.init.start();
    const codes = Array.from({ length: count }, (_, index) => index);
    const reports = await Promise.all(
      codes.map(async (code) => {
        const spec = shell(`echo ${code}; exit ${code}`);
        const exec = await task.createExec({ id: `e${code}`, spec, stdio: { stdout: 'pipe' } });
        await exec.start();
        const [out, { status }] = await Promise.all([text(exec.stdout), exec.wait()]);
        await task.delete(`e${code}`);
        return `${out.trim()} ${status}`;
      }),
    );
    expect(reports).toEqual(codes.map((code) => `${code} ${code}`));
    await task[Symbol.asyncDispose]();
  };

  const leavesNothing = async (work: () => Promise<unknown>): Promise<void> => {
    // The first use loads what stays: for terminals too, as libuv keeps a descriptor in reserve from its first server on.
    await live(0);
    await liveInTerminal();
    await liveWithExecs(1);
    const before = census();
    await work();
    expect(await leftSince(before)).toEqual(nothing);
    expect(readdirSync(root())).toEqual([]);
    expect(leftBehind(root(), 'any')).toEqual([]);
  };

  test(
    'after a hundred short lives, ten at a time, each with its own code',
    () =>
      leavesNothing(async () => {
        for (let round = 0; round < 10; round++) {
          const codes = Array.from({ length: 10 }, (_, index) => round * 10 + index);
          expect(await Promise.all(codes.map(live))).toEqual(codes.map((code) => `${code} ${code}`));
        }
      }),
    120_000,
  );

  test(
    'after a hundred execs at once, each with its own output and code',
    () => leavesNothing(() => liveWithExecs(100)),
    120_000,
  );

  test(
    'with terminals',
    () =>
      leavesNothing(async () => {
        for (let count = 0; count < 10; count++) await liveInTerminal();
      }),
    60_000,
  );

  test(
    'that failed, and whose execs failed',
    () =>
      leavesNothing(async () => {
        for (let count = 0; count < 5; count++) {
          const system = container(['nosuch'], {
            config: (config) => {
              config.process.terminal = count % 2 === 0;
            },
          });
          await expect(created(system)).rejects.toHaveProperty('exitStatus', 127);
        }
        const system = container(['sleep', '1000']);
        const init = await created(system);
        await done(system.start());
        for (let count = 0; count < 5; count++) {
          const spec = { args: ['nosuch'], terminal: count % 2 === 0 };
          await expect(create(system, spec)).rejects.toHaveProperty('exitStatus', 127);
        }
        await done(init.close());
        await disposed(system);
      }),
    60_000,
  );

  test(
    'killed while they start processes',
    () =>
      leavesNothing(async () => {
        for (let count = 0; count < 5; count++) {
          const system = container(['sleep', '1000']);
          const init = await created(system);
          await done(system.start());
          const starting = Array.from({ length: 4 }, () =>
            create(system, { args: ['sleep', '1000'] }).then(
              async (process) => {
                await firstValueFrom(process.exit$);
                await done(process.close());
              },
              () => undefined,
            ),
          );
          await pause(10 * count);
          await disposed(system);
          await Promise.all(starting);
          await done(init.close());
        }
      }),
    60_000,
  );
});
