/**
 * A daemon that is stopped for ten seconds, or that is killed at each step of a container's life: nothing has a false exit,
 * nothing hangs, and nothing is left.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { dockerRegistry } from '../../../src/hcs/docker/index.js';
import { createTask, type ExecOutcome, type Task, text } from '../../../src/index.js';
import { hasEnded } from '../../support/has-ended.js';
import { isFull, type OnDaemon, onEachDaemon, quickly } from './on-daemons.js';

const sh = (script: string) => ['sh', '-c', script];

/** This program has no more open files than before, and the daemon no container. */
const leavesNothing = ({ containers }: OnDaemon): void => {
  const openFiles = (): number => readdirSync('/proc/self/fd').length;
  let before = 0;
  beforeEach(() => {
    before = openFiles();
  });
  afterEach(async () => {
    expect(await containers()).toEqual([]);
    for (let looks = 0; looks < 200 && openFiles() > before; looks += 1) await pause(50);
    expect(openFiles()).toBeLessThanOrEqual(before);
  });
};

const seconds = isFull ? 10 : 1;

onEachDaemon(
  'a daemon that is stopped for some seconds',
  (on) => {
    leavesNothing(on);

    test('reports afterwards what has ended meanwhile, with its output and code', async () => {
      // Ends when the exec has ended.
      const ended = '[ -e /tmp/pid ] && ! kill -0 $(cat /tmp/pid) 2>/dev/null';
      const task = await on.task(
        {
          command: sh(
            `for i in 1 2 3; do echo $i; done; until ${ended}; do sleep 0.05; done; echo 4; exit 9`,
          ),
        },
        { stdio: { stdout: 'pipe' } },
      );
      const exec = await task.createExec({
        id: 'e',
        spec: {
          args: sh(
            'echo $$ >/tmp/p; mv /tmp/p /tmp/pid; until [ -e /tmp/go ]; do sleep 0.05; done; echo of the exec; exit 5',
          ),
        },
        stdio: { stdout: 'pipe' },
      });
      await exec.start();
      on.daemon().freeze();
      // Asked while it does not answer.
      const late = task.createExec({ id: 'late', spec: { args: ['true'] } }).then(
        (created) => created.start(),
        (error: unknown) => error,
      );
      late.catch(() => undefined);
      const outputs = Promise.all([text(task.init.stdout), text(exec.stdout)]);
      // Not before: both end while the daemon is stopped, however slow the machine is.
      writeFileSync(`/proc/${task.init.pid}/root/tmp/go`, '');
      await pause(seconds * 1_000);
      while (!hasEnded(task.init.pid)) await pause(10);
      // Both have ended, and there is no answer that says so.
      expect([task.init.state, exec.state]).toEqual(['running', 'running']);
      on.daemon().resume();
      expect(await exec.wait()).toMatchObject({ kind: 'exited', status: 5 });
      expect(await task.wait()).toMatchObject({ kind: 'exited', status: 9 });
      expect(await outputs).toEqual(['1\n2\n3\n4\n', 'of the exec\n']);
      await late.catch(() => undefined);
      await task.delete();
    }, 120_000);
  },
  quickly('docker'),
);

/** A step of a container's life, in which the daemon is killed. */
const steps = ['create', 'start', 'exec', 'stop', 'delete'] as const;

for (const flags of isFull ? [[], ['--live-restore']] : [])
  onEachDaemon(
    `a daemon${flags.map((flag) => ` with ${flag}`).join('')} that is killed`,
    (on) => {
      leavesNothing(on);

      test.each(steps.flatMap((step) => [0, 15, 60].map((delay) => [step, delay] as const)))(
        'in the %s, %i ms after its begin, leaves no false exit and no container',
        async (step, delay) => {
          const system = on.container({ command: sh('trap "exit 3" TERM; while :; do sleep 0.05; done') });
          let task: Task | undefined;
          const errors: string[] = [];
          const during = async (
            name: (typeof steps)[number],
            act: () => PromiseLike<unknown>,
          ): Promise<void> => {
            const done = Promise.resolve(act()).catch((error: Error & { kind?: string }) => {
              errors.push(error.kind ?? error.message);
            });
            if (name === step) {
              await pause(delay);
              await on.daemon().kill();
              await pause(100);
              await on.daemon().start();
            }
            await done;
          };
          await during('create', async () => {
            task = await createTask({ id: 'one', system });
          });
          const one = task;
          if (one !== undefined) {
            await during('start', () => one.init.start());
            if (one.init.state === 'running')
              await during('exec', async () => {
                const exec = await one.createExec({ id: 'e', spec: { args: sh('sleep 0.3; exit 5') } });
                await exec.start();
                const outcome = await exec.wait();
                // 137: it has ended with its container.
                expect(isTrue(outcome, 5) || isTrue(outcome, 137)).toBe(true);
              });
            if (one.init.state === 'running')
              await during('stop', async () => {
                const outcome = await one.stop({ grace: 5_000 });
                expect([3, 137].some((code) => isTrue(outcome, code)) || outcome.kind === 'signaled').toBe(
                  true,
                );
              });
            await during('delete', () => one.delete());
            await one[Symbol.asyncDispose]();
          }
          // An answer was lost with the daemon: an error says so, of a kind that can be handled.
          for (const kind of errors)
            expect(['unavailable', 'notFound', 'failedPrecondition', 'aborted']).toContain(kind);
          await removeAll(on);
        },
        120_000,
      );
    },
    flags.length === 0 ? ['docker', 'podman'] : ['docker'],
    flags,
  );

/** A container whose create was not answered is unknown here; `reap` finds it by its labels. */
const removeAll = async ({ daemon, containers }: OnDaemon): Promise<void> => {
  const registry = dockerRegistry({ host: daemon().host });
  for (const name of await containers())
    await lastValueFrom(registry.remove(name), { defaultValue: undefined });
};

const isTrue = (outcome: ExecOutcome, code: number): boolean =>
  outcome.kind === 'exited' ? outcome.status === code : outcome.kind === 'lost';
