/**
 * A daemon that is killed at the moment in which a container ends. The restarted one often has no exit code for it, and
 * reports 255 or, in some of twenty cases, 0.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { dockerRegistry } from '../../../src/hcs/docker/index.js';
import { adoptTask, type ExecOutcome, listTasks } from '../../../src/index.js';
import { hasEnded } from '../../support/has-ended.js';
import { isFull, onEachDaemon, quickly } from './on-daemons.js';

const rounds = isFull ? 40 : 2;

for (const flags of isFull ? [[], ['--live-restore']] : [[]])
  onEachDaemon(
    `a daemon${flags.map((flag) => ` with ${flag}`).join('')} that is killed as a container ends`,
    ({ daemon, task }) => {
      test.each(isFull ? [7, 0] : [7])(
        'never has another exit reported for it than its own, here %i',
        async (code) => {
          const wrong: unknown[] = [];
          for (let round = 0; round < rounds; round += 1) {
            const one = await task({ command: ['sh', '-c', `sleep 0.5; exit ${code}`] });
            while (!hasEnded(one.init.pid)) await pause(1);
            // The daemon takes about fifty milliseconds to handle the end.
            await pause(((round * 7) % 13) * 4);
            await daemon().kill();
            await daemon().start();
            const outcome = await one.wait();
            if (!isTrue(outcome, code)) wrong.push(outcome);
            await one.delete();
          }
          expect(wrong).toEqual([]);
        },
        400_000,
      );

      test('never has another exit reported by its adoption than its own', async () => {
        const wrong: unknown[] = [];
        const registry = () => dockerRegistry({ host: daemon().host });
        for (let round = 0; round < Math.ceil(rounds / 4); round += 1) {
          const all = await Promise.all(
            Array.from({ length: 6 }, () => task({ command: ['sh', '-c', 'sleep 0.5; exit 7'] })),
          );
          while (!all.every(({ init }) => hasEnded(init.pid))) await pause(1);
          await pause(((round * 7) % 13) * 4);
          await daemon().kill();
          await daemon().start();
          for (const one of all) {
            const id = one.system.id;
            const listed = (await listTasks({ registry: registry() })).find((other) => other.id === id);
            if (listed?.exit?.kind === 'exited' && listed.exit.code !== 7) wrong.push(listed);
            const again = await adoptTask({ id: `again-${id}`, system: registry().system(id) });
            const outcome = await again.wait();
            if (!isTrue(outcome, 7)) wrong.push(outcome);
            await again[Symbol.asyncDispose]();
            await one.delete();
          }
        }
        expect(wrong).toEqual([]);
      }, 400_000);
    },
    flags.length === 0 ? quickly('docker') : ['docker'],
    flags,
  );

const isTrue = (outcome: ExecOutcome, code: number): boolean =>
  outcome.kind === 'exited' ? outcome.status === code : outcome.kind === 'lost';
