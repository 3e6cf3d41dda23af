/** Adoption: a later program takes over the system and its processes. */
import assert from 'node:assert/strict';
import { statusOf } from '../../hcs/contract/exit-code.js';
import { kindOf } from '../../hcs/failures/errors.js';
import { type Behaviour, behaviour } from './behaviour.js';

export const adoptionBehaviours: readonly Behaviour[] = [
  behaviour(
    'adoption: the processes that run are found, with the ids that they were created with',
    async (bench) => {
      const { system, init } = await bench.open({ does: 'wait' });
      const exec = await bench.start(system, { does: 'wait' }, undefined, { id: 'one' });
      await bench.until(init.stdio.stdout, 'ready');
      await bench.until(exec.stdio.stdout, 'ready');
      const { adopted } = await bench.adopt(system);
      assert.deepEqual([adopted.init.id, adopted.init.phase], ['', 'started']);
      assert.equal(adopted.execs.map(({ id, phase }) => `${id} ${phase}`).join(), 'one started');
      assert.equal(adopted.init.process.pid, init.pid);
      assert.equal(adopted.execs[0]?.process.pid, exec.pid);
    },
    'adopt',
  ),

  behaviour(
    'adoption: an exit is reported once it happens, as the owner would have got it or as unknown',
    async (bench) => {
      const { system, init } = await bench.open({ does: 'wait' });
      await bench.until(init.stdio.stdout, 'ready');
      const { system: successor, adopted } = await bench.adopt(system);
      const { process } = adopted.init;
      const exits: unknown[] = [];
      process.exit$.subscribe((exit) => exits.push(exit));
      assert.deepEqual(exits, []);
      await bench.term(successor, process);
      const exit = await bench.exit(process);
      if (exit.kind !== 'unknown') assert([0, 143].includes(statusOf(exit)), JSON.stringify(exit));
      assert.equal((await bench.all(process.exit$, 'exit$, subscribed to late')).length, 1);
    },
    'adopt',
  ),

  behaviour(
    'adoption: an exec that has ended meanwhile is reported at once, with its exit or as unknown',
    async (bench) => {
      const { system } = await bench.open({ does: 'wait' });
      const exec = await bench.start(system, { does: 'exit', code: 7 }, undefined, { id: 'one' });
      await bench.exit(exec);
      const { adopted } = await bench.adopt(system);
      const [one] = adopted.execs;
      assert.equal(one?.id, 'one');
      const exit = await bench.exit(one.process);
      if (exit.kind === 'unknown') assert.notEqual(exit.reason, '');
      else assert.equal(statusOf(exit), 7);
    },
    'adopt',
  ),

  behaviour(
    'adoption: no output is repeated or missing without a gap',
    async (bench) => {
      const { system, init } = await bench.open({ does: 'wait' });
      await bench.until(init.stdio.stdout, 'ready');
      const printed = await bench.start(
        system,
        { does: 'print', stdout: 'out', stderr: 'err', code: 7 },
        undefined,
        {
          id: 'one',
        },
      );
      // Its owner has read nothing of it.
      await bench.first(printed.exit$, 'exit$ of the process');
      const { adopted } = await bench.adopt(system);
      const [one] = adopted.execs;
      const { stdout } = one?.process.stdio ?? {};
      const text = stdout === undefined ? '' : await bench.text(stdout);
      const gaps = one?.process.gaps ?? [];
      if (gaps.length === 0) assert.equal(text, 'out');
      else assert('out'.endsWith(text), text);
    },
    'adopt',
    'exitWithUnreadOutput',
  ),

  behaviour(
    'adoption: further processes are created, and all are ended by the successor',
    async (bench) => {
      const { system, init } = await bench.open({ does: 'ignore' });
      await bench.until(init.stdio.stdout, 'ready');
      const { system: successor, adopted } = await bench.adopt(system);
      const exec = await bench.start(successor, { does: 'exit', code: 3 }, undefined, { id: 'two' });
      assert.equal(statusOf(await bench.exit(exec)), 3);
      await bench.done(successor.terminate(), 'terminate');
      await bench.exit(adopted.init.process);
      await bench.ended(successor);
    },
    'adopt',
  ),

  behaviour(
    'adoption: to close what was adopted leaves the processes alone, and another may adopt them',
    async (bench) => {
      const { system, init } = await bench.open({ does: 'wait' });
      await bench.until(init.stdio.stdout, 'ready');
      const first = await bench.adopt(system);
      await bench.done(first.adopted.init.process.close(), 'close of the process');
      await bench.done(first.system.close(), 'close');
      const second = await bench.adopt(system);
      assert.equal(await bench.term(second.system, second.adopted.init.process), 'delivered');
      await bench.exit(second.adopted.init.process);
    },
    'adopt',
  ),

  behaviour(
    'adoption: a held process is found and started',
    async (bench) => {
      const prepared = await bench.prepare({ does: 'print', stdout: 'out', stderr: '', code: 4 });
      const { system, adopted } = await bench.adopt(prepared.system);
      assert.equal(adopted.init.phase, 'created');
      await bench.done(system.start(), 'start');
      const exit = await bench.exit(adopted.init.process);
      if (exit.kind !== 'unknown') assert.equal(statusOf(exit), 4);
    },
    'adopt',
    'create',
  ),

  behaviour(
    'adoption: a system that was deleted is not found',
    async (bench) => {
      const { system } = await bench.open({ does: 'wait' });
      await bench.done(system.terminate(), 'terminate');
      await bench.ended(system);
      await bench.done(system.delete?.() ?? assert.fail('the system has no delete'), 'delete');
      await assert.rejects(bench.adopt(system), (error) => kindOf(error) === 'notFound');
    },
    'adopt',
    'delete',
  ),
];
