/** The supervisor of the guide, in virtual time. */
import { describe, expect, it } from '@jest/globals';
import { createTask, type Task } from 'rxshim';
import { inVirtualTime, type SimulatedOptions, type VirtualStage } from 'rxshim/testing';
import { type RestartPolicy, type SupervisorEvent, supervise } from '../../examples/supervisor.js';

const policy: RestartPolicy = { restart: 'always', pause: 100, longestPause: 400, steadyAfter: 1_000 };

interface Stage extends VirtualStage {
  readonly task: Task;
  /** What the supervisor has told, with its times. */
  readonly told: readonly string[];
  /** Ends the supervision. */
  stop(): void;
}

const supervising = (
  web: NonNullable<SimulatedOptions['processes']>[string],
  { restart = policy.restart }: Partial<RestartPolicy>,
  story: (stage: Stage) => Promise<void>,
) =>
  inVirtualTime(async (stage) => {
    const { scheduler, system, now } = stage;
    const host = system({ processes: { web } });
    const task = await createTask({ id: 't', system: host, scheduler, spec: { args: ['init'] } });
    await task.init.start();
    const told: string[] = [];
    const supervision = supervise(task, {
      name: 'web',
      args: ['web'],
      policy: { ...policy, restart },
      scheduler,
    }).subscribe((event) => told.push(`${now()} ${wordsFor(event)}`));
    await story({ ...stage, task, told, stop: () => supervision.unsubscribe() });
    supervision.unsubscribe();
    await task[Symbol.asyncDispose]();
  });

const wordsFor = (event: SupervisorEvent): string => {
  switch (event.kind) {
    case 'started':
      return `${event.exec} started`;
    case 'ended':
      return `${event.exec} ended with ${event.status}`;
    case 'pausing':
      return `pausing ${event.ms}`;
    case 'given up':
      return 'given up';
  }
};

describe('a supervisor', () => {
  it('starts again what has ended, after pauses that double up to the longest', () =>
    supervising('r---------(1|)', {}, async ({ sleep, told }) => {
      await sleep(2_000);
      expect(told.filter((line) => line.includes('pausing'))).toEqual([
        '10 pausing 100',
        '120 pausing 200',
        '330 pausing 400',
        '740 pausing 400',
        '1150 pausing 400',
        '1560 pausing 400',
        '1970 pausing 400',
      ]);
    }));

  it('begins with the first pause again after a run that was steady', () =>
    supervising(['r---------(1|)', 'r 1s (1|)', 'r'], {}, async ({ sleep, told }) => {
      await sleep(2_000);
      expect(told).toEqual([
        '0 web-1 started',
        '10 web-1 ended with 1',
        '10 pausing 100',
        '110 web-2 started',
        '1111 web-2 ended with 1',
        '1111 pausing 100',
        '1211 web-3 started',
      ]);
    }));

  it('leaves alone what has ended well, if only failures count', () =>
    supervising(['r-(1|)', 'r-(0|)'], { restart: 'on failure' }, async ({ sleep, told }) => {
      await sleep(1_000);
      expect(told.slice(-2)).toEqual(['104 web-2 ended with 0', '104 given up']);
    }));

  it('takes a start that fails for a failure', () =>
    supervising(['#', 'r'], {}, async ({ sleep, told }) => {
      await sleep(200);
      expect(told).toEqual(['0 web-1 ended with 1', '0 pausing 100', '100 web-2 started']);
    }));

  it('stops what it runs when nobody wants it any longer', () =>
    supervising({ life: 'r', on: { TERM: '--(x|)' } }, {}, async ({ sleep, stop, task, expectLives }) => {
      expectLives(task).toBe({ t: 'r 19ms (x|)', 'web-1': 'r------(x|)' }, { x: 143 });
      await sleep(5);
      stop();
      await sleep(15);
      expect(task.execs).toHaveLength(0);
      await task.stop();
    }));
});
