/** A pool of jobs, in virtual time: one column is one millisecond. */
import { describe, expect, it } from '@jest/globals';
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { type JobResult, type PoolOptions, pool } from 'rxshim/orchestrate';
import { type Harness, inATask } from './in-a-task.js';

const outcomes = async (harness: Harness, jobs: readonly string[], options: Partial<PoolOptions> = {}) => {
  const { program, scheduler } = harness;
  const results = await lastValueFrom(
    from(jobs).pipe(
      pool((job) => program(job), { concurrency: 2, scheduler, ...options }),
      map(({ job, outcome, attempts, result }: JobResult<string>) => [job, outcome, attempts, result.status]),
      toArray(),
    ),
  );
  return results;
};

describe('pool', () => {
  it('runs so many at a time, and the next as soon as one has ended', () =>
    inATask(
      { a: 'r-----(x|)', b: 'r---(x|)', c: 'r---(x|)' },
      async ({ program, scheduler, expectObservable, sleep }) => {
        const ended$ = from(['a', 'b', 'c']).pipe(
          pool((job) => program(job), { concurrency: 2, scheduler }),
          map(({ job }) => job),
        );
        // a ends at 6, b at 4; c begins then, and ends at 8.
        expectObservable(ended$).toBe('----b-a-(c|)');
        await sleep(20);
      },
    ));

  it('says how each ended, also of what cannot be started', () =>
    inATask({ good: 'r-(0|)', bad: 'r--(3|)', missing: '#' }, async (harness) => {
      expect(await outcomes(harness, ['good', 'bad', 'missing'])).toEqual([
        ['good', 'done', 1, 0],
        ['missing', 'not started', 1, 1],
        ['bad', 'failed', 1, 3],
      ]);
    }));

  it('says why a job failed as an error would, and that one which wrote too much was not too slow', () =>
    inATask(
      { bad: 'r--(3|)', loud: { life: 'r-o', values: { o: 'x'.repeat(20) } }, slow: 'r' },
      async (harness) => {
        const { program, scheduler } = harness;
        const jobs$ = from(['bad', 'loud', 'slow']).pipe(
          pool((job) => program(job, { maxOutput: 10 }), { concurrency: 3, timeout: 50, scheduler }),
          map(({ outcome, error, result }) => [
            outcome,
            error?.message,
            result.stopped?.reason,
            result.stdout,
          ]),
          toArray(),
        );
        expect(await lastValueFrom(jobs$)).toEqual([
          ['failed', 'run loud: wrote more than maxOutput: ended by SIGTERM', 'maxOutput', 'xxxxxxxxxx'],
          ['failed', 'run bad: exited with status 3', undefined, ''],
          ['timed out', 'run slow: timed out after 50 ms: ended by SIGTERM', 'timeout', ''],
        ]);
      },
    ));

  it('stops a job that is out of time, and waits until it is gone', () =>
    inATask({ slow: { life: 'r', on: { TERM: '-----(x|)' } }, next: 'r-(0|)' }, async (harness) => {
      expect(await outcomes(harness, ['slow', 'next'], { timeout: 10, concurrency: 1 })).toEqual([
        ['slow', 'timed out', 1, 143],
        ['next', 'done', 1, 0],
      ]);
      expect(harness.now()).toBe(17);
    }));

  it('runs a job again that did not do well, up to so many times', () =>
    inATask({ flaky: ['r-(1|)', 'r-(1|)', 'r-(0|)'], bad: 'r-(2|)' }, async (harness) => {
      const backoff = { first: 10, jitter: 0 };
      expect(await outcomes(harness, ['flaky', 'bad'], { retries: 2, backoff })).toEqual([
        ['flaky', 'done', 3, 0],
        ['bad', 'failed', 3, 2],
      ]);
      expect(harness.now()).toBe(36);
    }));

  it('stops all that run when it is unsubscribed from', () =>
    inATask({ a: 'r', b: 'r', c: 'r' }, async ({ program, scheduler, log, task, sleep }) => {
      const { stop } = log(
        from(['a', 'b', 'c']).pipe(pool((job) => program(job), { concurrency: 2, scheduler })),
        () => undefined,
      );
      await sleep(5);
      expect(task.execs).toHaveLength(2);
      stop();
      await sleep(5);
      expect(task.execs).toHaveLength(0);
    }));

  it('refuses what is no number of jobs', () => {
    expect(() => pool(() => undefined as never, { concurrency: 0 })).toThrow(
      'concurrency: expected a number from 1',
    );
  });
});
