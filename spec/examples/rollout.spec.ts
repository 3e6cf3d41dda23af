/** The rollout of the guide, in virtual time. */
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { createTask, type Exec, type Task } from 'rxshim';
import { inVirtualTime, type SimulatedOptions, type VirtualStage } from 'rxshim/testing';
import { type RolloutEvent, rollOut } from '../../examples/rollout.js';

interface Stage extends VirtualStage {
  readonly task: Task;
  /** Rolls `v2` out over `v1`, which runs; resolves with what was told, with its times. */
  rollOut(): Promise<readonly string[]>;
}

const rolling = (
  processes: NonNullable<SimulatedOptions['processes']>,
  story: (stage: Stage) => Promise<void>,
) =>
  inVirtualTime(async (stage) => {
    const { scheduler, system, now } = stage;
    const host = system({ processes });
    const task = await createTask({ id: 't', system: host, scheduler, spec: { args: ['init'] } });
    await task.init.start();
    const current: Exec = await task.createExec({ id: 'v1', spec: { args: ['serve', 'v1'] } });
    await current.start();
    const next = { name: 'v2', args: ['serve', 'v2'], check: ['check', 'v2'] };
    const options = { interval: 10, checkTimeout: 5, healthyAfter: 2, deadline: 100, grace: 20, scheduler };
    const told: string[] = [];
    const rollingOut$ = rollOut(task, next, current, options).pipe(
      tap((event) => told.push(`${now()} ${wordsFor(event)}`)),
      toArray(),
    );
    const rollingOut = async (): Promise<readonly string[]> => {
      await lastValueFrom(rollingOut$);
      return told;
    };
    await story({ ...stage, task, rollOut: rollingOut });
    await task[Symbol.asyncDispose]();
  });

const wordsFor = (event: RolloutEvent): string =>
  event.kind === 'stopped' ? `${event.version} stopped by ${event.by}` : `${event.version} ${event.kind}`;

const running = ({ task }: Stage): readonly string[] =>
  task.execs.filter(({ state }) => state === 'running').map(({ id }) => id);

describe('a rollout', () => {
  it('stops the old version when the new one has been healthy twice in a row', () =>
    rolling({ check: ['r-(1|)', 'r-(0|)', 'r-(1|)', 'r-(0|)'] }, async (stage) => {
      expect(await stage.rollOut()).toEqual(['0 v2 started', '50 v2 healthy', '50 v1 stopped by signal']);
      expect(running(stage)).toEqual(['v2']);
    }));

  it('kills an old version that does not want to go, when its grace is over', () =>
    rolling(
      { check: 'r-(0|)', 'serve v1': { life: 'r', on: { TERM: '' } } },
      async ({ rollOut: rollingOut }) => {
        expect((await rollingOut()).at(-1)).toBe('34 v1 stopped by kill');
      },
    ));

  it('takes a check that hangs for a bad one, and does not leave it running', () =>
    rolling({ check: [{ life: 'r', on: { TERM: '' } }, 'r-(0|)'] }, async ({ rollOut: rollingOut, task }) => {
      expect(await rollingOut()).toContain('29 v2 healthy');
      expect(task.execs.map(({ id }) => id)).toEqual(['v1', 'v2']);
    }));

  it('goes back when the new version does not get healthy in time, and the old one runs on', () =>
    rolling({ check: 'r-(1|)' }, async (stage) => {
      expect(await stage.rollOut()).toEqual([
        '0 v2 started',
        '100 v2 stopped by signal',
        '100 v2 rolled back',
      ]);
      expect(running(stage)).toEqual(['v1']);
    }));

  it('goes back at once when the new version ends', () =>
    rolling({ check: 'r-(1|)', 'serve v2': 'r-----(1|)' }, async (stage) => {
      expect(await stage.rollOut()).toEqual(['0 v2 started', '6 v2 stopped by itself', '6 v2 rolled back']);
      expect(running(stage)).toEqual(['v1']);
    }));
});
