/** The job queue of the examples, in virtual time. */
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, map, toArray } from 'rxjs';
import { jobQueue } from '../../examples/job-queue.js';
import { inATask } from '../orchestrate/in-a-task.js';

describe('a job queue', () => {
  it('stops a job that is out of time, kills one that does not want to, and goes on', () => {
    const scripts = { slow: 'r', deaf: { life: 'r', on: { TERM: '' } }, short: 'r-(3|)' };
    return inATask(scripts, async ({ task, scheduler, now }) => {
      const ended$ = jobQueue(task, [['slow'], ['deaf'], ['short']], scheduler).pipe(
        map(({ job, outcome, result }) => `${now()} ${job} ${outcome} ${result.status}`),
        toArray(),
      );
      expect(await lastValueFrom(ended$)).toEqual([
        '500 slow timed out 143',
        '502 short failed 3',
        '1000 deaf timed out 137',
      ]);
    });
  });
});
