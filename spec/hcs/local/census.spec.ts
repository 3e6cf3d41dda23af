import { describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import type { ComputeSystem } from '../../../src/hcs/contract/compute-system.js';
import { census as held } from '../../support/census.js';
import { create, done, inSystem, run, shell, text } from './on-this-host.js';

const turns = (count: number): Promise<void> =>
  count === 0
    ? Promise.resolve()
    : new Promise((resolve) => setImmediate(resolve)).then(() => turns(count - 1));

/** What a leak would show in. */
const census = async () => {
  await turns(5);
  const { descriptors, children } = held();
  return {
    descriptors,
    children: children.length,
    handles: process.getActiveResourcesInfo().filter((kind) => /Process|Pipe|Signal/.test(kind)).length,
    immediates: process.getActiveResourcesInfo().filter((kind) => kind === 'Immediate').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
};

const live = async (
  system: ComputeSystem,
  spec = shell('cat; echo out; echo err >&2; exit 7'),
): Promise<string> => {
  const process = await create(system, spec);
  await done(process.closeStdin());
  const { stdout, stderr } = process.stdio;
  const [exit, out, err] = await Promise.all([firstValueFrom(process.exit$), text(stdout), text(stderr)]);
  await done(process.close());
  return `${out}${err}${'code' in exit ? exit.code : exit.reason}`;
};

/** A first process that holds nothing here. */
const idle = (system: ComputeSystem) =>
  firstValueFrom(system.createProcess({ OciProcess: { args: ['sleep', '1000'] } }));

const leavesNothing = async (work: () => Promise<unknown>): Promise<void> => {
  // The first use loads what stays. The guardian stays for a second, also that of the specs before these.
  for (let looks = 0; looks < 100; looks += 1) {
    await run(shell('true', { terminal: true }));
    if (held().children.length <= 1) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const before = await census();
  await work();
  expect(await census()).toEqual(before);
};

describe('local processes leave nothing behind', () => {
  it(
    'after a thousand, one after the other',
    () =>
      leavesNothing(() =>
        inSystem(async (system) => {
          await idle(system);
          for (let count = 0; count < 1000; count++) expect(await live(system)).toBe('out\nerr\n7');
        }),
      ),
    60_000,
  );

  it(
    'after a hundred at once',
    () =>
      leavesNothing(() =>
        inSystem(async (system) => {
          await idle(system);
          const lived = await Promise.all(Array.from({ length: 100 }, () => live(system)));
          expect(new Set(lived)).toEqual(new Set(['out\nerr\n7']));
        }),
      ),
    60_000,
  );

  it(
    'after a hundred with terminals',
    () =>
      leavesNothing(() =>
        inSystem(async (system) => {
          await idle(system);
          const spec = shell('echo out; exit 7', { terminal: true });
          const lived = await Promise.all(Array.from({ length: 100 }, () => live(system, spec)));
          expect(lived.every((reports) => reports.endsWith('out\r\n7'))).toBe(true);
        }),
      ),
    60_000,
  );

  it(
    'after a hundred that could not be started',
    () =>
      leavesNothing(() =>
        inSystem(async (system) => {
          for (let count = 0; count < 100; count++) {
            const args = count % 2 ? ['nosuch'] : ['true', 'x'.repeat(200_000)];
            await expect(create(system, { args, terminal: count % 4 > 1 })).rejects.toHaveProperty(
              'exitStatus',
            );
          }
        }),
      ),
    60_000,
  );

  it(
    'after a hundred systems',
    () =>
      leavesNothing(async () => {
        for (let count = 0; count < 100; count++)
          await inSystem((system) => live(system, { args: ['true'] }));
      }),
    60_000,
  );
});
