/**
 * Many short containers and execs, fifty at a time: each output and each code is right, and nothing is left of them, neither
 * here nor in the daemon. A part of them in the quick run; `npm run test:full` runs a thousand and five thousand.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { run, type Task, text } from '../../../src/index.js';
import { ask, isFull, onEachDaemon, quickly } from './on-daemons.js';

const atOnce = 50;
const [containers, execs] = isFull ? [1_000, 5_000] : [20, 100];

/** Runs the work for each number, so many at a time, and returns its complaints. */
const forEach = async (count: number, work: (index: number) => Promise<string | undefined>) => {
  const wrong: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const complaint = await work(next++).catch((error: Error) => error.message);
      if (complaint !== undefined) wrong.push(complaint);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return wrong;
};

const script = (index: number) => `echo out${index}; echo err${index} >&2; exit ${index % 200}`;

const complaintOf = (index: number, stdout: unknown, stderr: unknown, status: unknown) =>
  `${stdout}${stderr}${status}` === `out${index}err${index}${index % 200}`
    ? undefined
    : `${index}: ${JSON.stringify({ stdout, stderr, status })}`;

const openFiles = (): number => readdirSync('/proc/self/fd').length;

onEachDaemon(
  'many at a time',
  ({ name, daemon, container, containers: names, task }) => {
    let before = 0;
    let goroutines = 0;
    /** Docker alone counts them. */
    const running = async (): Promise<number> =>
      name === 'docker' ? (await ask<{ NGoroutines: number }>(daemon(), 'GET', '/info')).NGoroutines : 0;

    beforeEach(async () => {
      // The first container loads what is loaded once.
      await run(container(), ['true']);
      goroutines = await running();
      before = openFiles();
    });
    afterEach(async () => {
      expect(await names()).toEqual([]);
      // The sockets of the last answers are closed a moment later.
      for (
        let looks = 0;
        looks < 600 && (openFiles() > before || (await running()) > goroutines + 10);
        looks += 1
      )
        await pause(50);
      expect(openFiles()).toBeLessThanOrEqual(before);
      expect(await running()).toBeLessThanOrEqual(goroutines + 10);
    });

    test(
      'containers have each their own output and code',
      async () => {
        const wrong = await forEach(containers, async (index) => {
          const { stdout, stderr, status } = await run(container(), ['sh', '-c', script(index)], {
            reject: false,
          });
          return complaintOf(index, stdout, stderr, status);
        });
        expect(wrong).toEqual([]);
      },
      isFull ? 3_600_000 : 120_000,
    );

    test(
      'execs have each their own output and code',
      async () => {
        const one: Task = await task({ command: ['sleep', '100000'] });
        const wrong = await forEach(execs, async (index) => {
          const exec = await one.createExec({
            id: `e${index}`,
            spec: { args: ['sh', '-c', script(index)] },
            stdio: { stdout: 'pipe', stderr: 'pipe' },
          });
          await exec.start();
          const [stdout, stderr, { status }] = await Promise.all([
            text(exec.stdout),
            text(exec.stderr),
            exec.wait(),
          ]);
          await one.delete(exec.id);
          return complaintOf(index, stdout.trim(), stderr.trim(), status);
        });
        expect(wrong).toEqual([]);
        expect(await firstValueFrom(one.system.pids())).toEqual([one.init.pid]);
        await one[Symbol.asyncDispose]();
      },
      isFull ? 3_600_000 : 120_000,
    );
  },
  quickly('docker'),
);
