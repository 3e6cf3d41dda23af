/** The life of a compute system: start, end, release. */
import assert from 'node:assert/strict';
import type { ComputeProcess } from '../../hcs/contract/compute-process.js';
import type { ComputeSystem } from '../../hcs/contract/compute-system.js';
import { type Behaviour, behaviour } from './behaviour.js';
import type { Bench } from './bench.js';
import type { ContractFeature } from './engine.js';

/** Waits for the exits of the system and of its processes, and checks their order if the engine keeps one. */
const allExit = async (
  bench: Bench,
  system: ComputeSystem,
  processes: readonly ComputeProcess[],
  features: ReadonlySet<ContractFeature>,
  end: () => Promise<unknown>,
): Promise<void> => {
  const order: string[] = [];
  const exits = [
    bench.first(system.exit$, 'exit$ of the system').then(() => order.push('system')),
    ...processes.map((process) => bench.exit(process).then(() => order.push('process'))),
  ];
  await end();
  await Promise.all(exits);
  if (features.has('exitOrder')) assert.equal(order.at(-1), 'system', order.join(', '));
};

const endings = (['shutdown', 'terminate'] as const).map((how) =>
  behaviour(`${how} ends the system with all processes`, async (bench, features) => {
    const { system, init } = await bench.open({ does: 'wait' });
    await bench.until(init.stdio.stdout, 'ready');
    const other = await bench.start(system, { does: 'wait' });
    await allExit(bench, system, [init, other], features, () => bench.done(system[how](), how));
    assert.deepEqual(await bench.all(system.exit$, 'exit$, subscribed to late'), [{ reason: 'ended' }]);
  }),
);

export const systemBehaviours: readonly Behaviour[] = [
  behaviour('the optional members are those of the declared features', async (bench, features) => {
    const { system, init } = await bench.open({ does: 'wait' });
    const present: Partial<Record<ContractFeature, boolean>> = {
      create: system.create !== undefined,
      delete: system.delete !== undefined,
      signalAll: system.signalAll !== undefined,
      tree: init.tree !== undefined,
      adopt: system.adopt !== undefined,
      descriptors: system.takesDescriptors !== false,
    };
    for (const [feature, isPresent] of Object.entries(present))
      assert.equal(isPresent, features.has(feature as ContractFeature), feature);
  }),

  ...endings,

  behaviour(
    'the system ends with its first process, and with it all others',
    async (bench, features) => {
      const { system, init } = await bench.open({ does: 'cat' });
      const other = await bench.start(system, { does: 'ignore' });
      await bench.until(other.stdio.stdout, 'ready');
      const end = () => bench.done(init.closeStdin(), 'closeStdin');
      await allExit(bench, system, [init, other], features, end);
      assert.deepEqual(await bench.exit(init), { kind: 'exited', code: 0 });
    },
    'endsWithInit',
  ),

  behaviour('terminate may be repeated, also after the end', async (bench) => {
    const { system } = await bench.open({ does: 'ignore' });
    await Promise.all([
      bench.done(system.terminate(), 'terminate'),
      bench.done(system.terminate(), 'a second terminate at once'),
    ]);
    await bench.ended(system);
    await bench.done(system.terminate(), 'terminate after the end');
  }),

  behaviour('terminate ends a system that is still being started', async (bench) => {
    const prepared = await bench.prepare({ does: 'ignore' });
    const starting = prepared.start().catch(() => undefined);
    await bench.done(prepared.system.terminate(), 'terminate');
    await starting;
    await bench.ended(prepared.system);
  }),

  behaviour('no process can be created after the end', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    await bench.done(system.terminate(), 'terminate');
    await bench.ended(system);
    await assert.rejects(bench.start(system, { does: 'exit', code: 0 }), (error) => {
      assert(error instanceof Error && !error.message.startsWith('timed out'), String(error));
      return true;
    });
  }),

  behaviour('close ends exit$, and may be repeated', async (bench) => {
    const { system } = await bench.open({ does: 'wait' });
    await bench.done(system.terminate(), 'terminate');
    await bench.ended(system);
    await bench.done(system.close(), 'close');
    await bench.done(system.close(), 'the second close');
    assert.deepEqual(await bench.all(system.exit$, 'exit$ after close'), [{ reason: 'ended' }]);
  }),

  behaviour(
    'create holds the first process until start',
    async (bench) => {
      const prepared = await bench.prepare({ does: 'print', stdout: 'out', stderr: '', code: 4 });
      const held = prepared.held;
      assert(held !== undefined && held.pid > 0, 'the held process has no pid');
      const exits: unknown[] = [];
      held.exit$.subscribe((exit) => exits.push(exit));
      assert.deepEqual(exits, []);
      await prepared.start();
      assert.equal(await bench.text(held.stdio.stdout), 'out');
      assert.deepEqual(await bench.exit(held), { kind: 'exited', code: 4 });
    },
    'create',
  ),

  behaviour(
    'a held process can be killed before start',
    async (bench) => {
      const { held } = await bench.prepare({ does: 'wait' });
      assert(held !== undefined, 'create gave no process');
      assert.equal(await bench.first(held.kill(), 'kill'), 'delivered');
      assert.notEqual((await bench.exit(held)).kind, 'exited');
    },
    'create',
    'exitSignals',
  ),

  behaviour(
    'signalAll reaches every process',
    async (bench) => {
      const { system, init } = await bench.open({ does: 'wait' });
      const other = await bench.start(system, { does: 'wait' });
      await bench.until(init.stdio.stdout, 'ready');
      await bench.until(other.stdio.stdout, 'ready');
      const signalAll = system.signalAll?.(15);
      assert(signalAll !== undefined, 'the system has no signalAll');
      assert.equal(await bench.first(signalAll, 'signalAll'), 'delivered');
      await Promise.all([bench.exit(init), bench.exit(other)]);
      await bench.ended(system);
    },
    'signalAll',
  ),

  behaviour(
    'delete may be repeated',
    async (bench) => {
      const { system } = await bench.open({ does: 'wait' });
      await bench.done(system.terminate(), 'terminate');
      await bench.ended(system);
      await bench.done(system.delete?.() ?? assert.fail('the system has no delete'), 'delete');
      await bench.done(system.delete?.() ?? assert.fail('the system has no delete'), 'the second delete');
    },
    'delete',
  ),
];
