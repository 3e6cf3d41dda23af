import { describe, expect, it } from '@jest/globals';
import { VirtualTimeScheduler } from 'rxjs';
import { deadlinesOf } from '../../../../src/hcs/guest/bridge/deadlines.js';

const timeout = 300_000;

/** Runs until a time, from the beginning. */
const until = (scheduler: VirtualTimeScheduler, time: number): void => {
  scheduler.maxFrames = time;
  scheduler.flush();
};

const setUp = () => {
  const scheduler = new VirtualTimeScheduler();
  const late: string[] = [];
  const deadlines = deadlinesOf(scheduler, timeout, (what) => late.push(`${what} at ${scheduler.now()}`));
  return { scheduler, late, deadlines };
};

describe('the deadlines of requests', () => {
  it('pass at their time, to the millisecond', () => {
    const { scheduler, late, deadlines } = setUp();
    deadlines.add(1n, 'one');
    scheduler.schedule(() => deadlines.add(2n, 'two'), 1_234);
    scheduler.schedule(() => deadlines.remove(1n), 5_000);
    until(scheduler, 2 * timeout);
    expect(late).toEqual([`two at ${timeout + 1_234}`]);
  });

  it('leave no timer behind when every request is answered: it would keep the program alive for minutes', () => {
    const { scheduler, late, deadlines } = setUp();
    deadlines.add(1n, 'one');
    scheduler.schedule(() => deadlines.remove(1n), 10);
    until(scheduler, 2_000);
    expect({ timers: scheduler.actions.length, late }).toEqual({ timers: 0, late: [] });
  });

  it('are watched again after a pause', () => {
    const { scheduler, late, deadlines } = setUp();
    deadlines.add(1n, 'one');
    scheduler.schedule(() => deadlines.remove(1n), 10);
    scheduler.schedule(() => deadlines.add(2n, 'two'), 50_000);
    until(scheduler, 2 * timeout);
    expect(late).toEqual([`two at ${timeout + 50_000}`]);
  });
});
