/** The job queue of the guide, in virtual time: one column is one millisecond. */
import { describe, expect, it } from '@jest/globals';
import { from, lastValueFrom, toArray } from 'rxjs';
import { createTask, type Task } from 'rxshim';
import { inVirtualTime, type SimulatedOptions, type VirtualStage } from 'rxshim/testing';
import { type JobResult, jobQueue } from '../../examples/job-queue.js';

interface Stage extends VirtualStage {
  readonly task: Task;
  /** Queues jobs that are called like their programs; resolves with what became of them. */
  run(...jobs: readonly string[]): Promise<readonly JobResult[]>;
}

/** A queue for two at a time, ten milliseconds for each, and five to end. */
const queueing = (processes: SimulatedOptions['processes'], story: (stage: Stage) => Promise<void>) =>
  inVirtualTime(async (stage) => {
    const { scheduler, system } = stage;
    const host = system(processes && { processes });
    const task = await createTask({ id: 'jobs', system: host, scheduler, spec: { args: ['init'] } });
    await task.init.start();
    const queue = jobQueue(task, { concurrency: 2, timeout: 10, grace: 5, scheduler });
    const run: Stage['run'] = (...jobs) =>
      lastValueFrom(from(jobs.map((id) => ({ id, args: [id] }))).pipe(queue, toArray()));
    await story({ ...stage, task, run });
    await task[Symbol.asyncDispose]();
  });

describe('a job queue', () => {
  it('runs two at a time, and the next as soon as one has ended', () =>
    queueing({ a: 'r-----(x|)', b: 'r---(x|)', c: 'r---(x|)' }, async ({ task, run, expectLives }) => {
      const lives = {
        jobs: 'r-------(k|)',
        a: '   (cr)--(0|)',
        b: '   (cr)(0|)',
        c: '   ----(cr)(0|)',
      };
      expectLives(task).toBe(lives, { k: 137 });
      await run('a', 'b', 'c');
    }));

  it('tells how each of them ended, also of what cannot be started', () =>
    queueing({ good: 'r-(0|)', bad: 'r--(3|)', missing: '#' }, async ({ run }) => {
      expect(await run('good', 'bad', 'missing')).toEqual([
        { id: 'good', outcome: 'done', status: 0 },
        { id: 'missing', outcome: 'not started', status: 1 },
        { id: 'bad', outcome: 'failed', status: 3 },
      ]);
    }));

  it('stops a job that is out of time, and says so', () =>
    queueing({ slow: { life: 'r', on: { TERM: '--(x|)' } } }, async ({ task, run, expectLives }) => {
      expectLives(task).toBe({ jobs: 'r 11ms (k|)', slow: '(cr) 8ms (t|)' }, { k: 137, t: 143 });
      expect(await run('slow')).toEqual([{ id: 'slow', outcome: 'timed out', status: 143 }]);
    }));

  it('kills a job that does not want to stop', () =>
    queueing({ deaf: { life: 'r', on: { TERM: '' } } }, async ({ run, now }) => {
      expect(await run('deaf')).toEqual([{ id: 'deaf', outcome: 'timed out', status: 137 }]);
      expect(now()).toBe(15);
    }));

  it('counts the time from the start, however long that takes', () =>
    queueing({ late: ' 50ms r-----(x|)' }, async ({ run }) => {
      expect(await run('late')).toEqual([{ id: 'late', outcome: 'done', status: 0 }]);
    }));

  it('leaves no exec behind', () =>
    queueing({}, async ({ task, run, at }) => {
      at(3, () => expect(task.execs).toHaveLength(2));
      await run('a', 'b', 'c', 'd');
      expect(task.execs).toHaveLength(0);
    }));
});
