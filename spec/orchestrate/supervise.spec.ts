/** What is supervised is started again, in virtual time: one column is one millisecond. */
import { describe, expect, it } from '@jest/globals';
import { map, of } from 'rxjs';
import { type SupervisorEvent, supervise } from 'rxshim/orchestrate';
import { inATask } from './in-a-task.js';

const words = (event: SupervisorEvent): string | undefined => {
  switch (event.kind) {
    case 'started':
      return `started ${event.attempt}`;
    case 'ended':
      return `ended ${event.attempt} with ${event.result.status}`;
    case 'waiting':
      return `waiting ${event.ms}`;
    case 'unhealthy':
      return `unhealthy ${event.attempt}`;
    default:
      return undefined;
  }
};

const backoff = { first: 100, max: 400, jitter: 0 };

describe('supervise', () => {
  it('starts again what has ended, after pauses that double up to the longest', () =>
    inATask({ web: 'r-----(1|)' }, async ({ program, scheduler, log, sleep }) => {
      const { lines } = log(
        supervise(() => program('web'), { backoff, scheduler }),
        words,
      );
      await sleep(1_200);
      expect(lines.filter((line) => line.includes('waiting'))).toEqual([
        '6 waiting 100',
        '112 waiting 200',
        '318 waiting 400',
        '724 waiting 400',
        '1130 waiting 400',
      ]);
    }));

  it('draws as marbles', () =>
    inATask({ web: ['r--(1|)', 'r-(0|)'] }, async ({ program, scheduler, expectObservable, sleep }) => {
      const options = { restart: 'on failure', backoff: { first: 4, jitter: 0 }, scheduler } as const;
      const kinds$ = supervise(() => program('web'), options).pipe(map(({ kind }) => kind));
      // started, ended and waiting; four milliseconds later started again, ended and left alone.
      const values = { s: 'started', e: 'ended', w: 'waiting' };
      expectObservable(kinds$).toBe('s--(ew)s-(e|)', values);
      await sleep(100);
    }));

  it('begins with the first pause again after a run that was steady', () =>
    inATask({ web: ['r-(1|)', 'r-(1|)', 'r 1s (1|)', 'r'] }, async ({ program, scheduler, log, sleep }) => {
      const { lines } = log(
        supervise(() => program('web'), { backoff, steadyAfter: 1_000, scheduler }),
        words,
      );
      await sleep(3_000);
      expect(lines.filter((line) => line.includes('waiting')).map((line) => line.split(' ').at(-1))).toEqual([
        '100',
        '200',
        '100',
      ]);
    }));

  it('leaves alone what has ended well if only failures count, and everything if nothing does', () =>
    inATask({ well: 'r-(0|)', badly: 'r-(1|)' }, async ({ program, scheduler, log, sleep }) => {
      const well = log(
        supervise(() => program('well'), { restart: 'on failure', scheduler }),
        words,
      );
      const badly = log(
        supervise(() => program('badly'), { restart: 'never', scheduler }),
        words,
      );
      await sleep(100);
      expect(well.lines).toEqual(['0 started 1', '2 ended 1 with 0', '2 complete']);
      expect(badly.lines).toEqual(['0 started 1', '2 ended 1 with 1', '2 complete']);
    }));

  it('gives up after so many restarts', () =>
    inATask({ web: 'r-(1|)' }, async ({ program, scheduler, log, sleep }) => {
      const { lines } = log(
        supervise(() => program('web'), { backoff, maxRestarts: 2, scheduler }),
        words,
      );
      await sleep(2_000);
      expect(lines.slice(-2)).toEqual(['306 ended 3 with 1', '306 complete']);
    }));

  it('takes a start that fails for a failure', () =>
    inATask({ web: ['#', 'r'] }, async ({ program, scheduler, log, sleep }) => {
      const { lines } = log(
        supervise(() => program('web'), { backoff, scheduler }),
        words,
      );
      await sleep(200);
      expect(lines).toEqual(['0 ended 1 with 1', '0 waiting 100', '100 started 2']);
    }));

  it('leaves as much of a pause to chance as it is asked to', () =>
    inATask({ web: 'r-(1|)' }, async ({ program, scheduler, log, sleep }) => {
      const random = () => 0.5;
      const options = { backoff: { first: 100, jitter: 0.5 }, random, scheduler };
      const { lines } = log(
        supervise(() => program('web'), options),
        words,
      );
      await sleep(80);
      expect(lines.at(2)).toBe('2 waiting 75');
    }));

  it('stops what is unhealthy with its whole tree, and starts it again only then', () => {
    const deaf = { life: 'r', on: { TERM: '--------------------(x|)' } };
    return inATask(
      { web: [deaf, 'r'], check: ['r(0|)', 'r(1|)'] },
      async ({ program, scheduler, log, sleep }) => {
        const health = { check: () => program('check'), interval: 10, failures: 2 };
        const { lines } = log(
          supervise(() => program('web'), { backoff, health, scheduler }),
          words,
        );
        await sleep(155);
        expect(lines.slice(0, 5)).toEqual([
          '0 started 1',
          '31 unhealthy 1',
          '51 ended 1 with 143',
          '51 waiting 100',
          '151 started 2',
        ]);
      },
    );
  });

  it('counts a check that fails or takes too long as a failure', () =>
    inATask({ web: 'r' }, async ({ program, scheduler, log, sleep }) => {
      const health = { check: () => of(false), interval: 10, failures: 1 };
      const { lines } = log(
        supervise(() => program('web'), { backoff, health, scheduler }),
        words,
      );
      const slow = { check: () => program('hanging'), interval: 10, timeout: 5, failures: 1 };
      const other = log(
        supervise(() => program('web'), { backoff, health: slow, scheduler }),
        words,
      );
      await sleep(20);
      expect([lines[1], other.lines[1]]).toEqual(['10 unhealthy 1', '15 unhealthy 1']);
    }));

  it('stops what it runs when it is unsubscribed from', () =>
    inATask(
      { web: { life: 'r', on: { TERM: '--(x|)' } } },
      async ({ program, scheduler, log, task, sleep }) => {
        const { stop } = log(
          supervise(() => program('web'), { scheduler }),
          words,
        );
        await sleep(5);
        expect(task.execs).toHaveLength(1);
        stop();
        await sleep(15);
        expect(task.execs).toHaveLength(0);
      },
    ));

  it('fails with what is no end of a command', () =>
    inATask({}, async ({ program, scheduler, log, sleep }) => {
      const { lines } = log(
        supervise(() => program('web', { id: 't' }), { scheduler }),
        words,
      );
      await sleep(5);
      expect(lines).toEqual([expect.stringContaining('0 error:')]);
    }));
});
