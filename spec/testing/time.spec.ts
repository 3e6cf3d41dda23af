/** Time in tests: how far it goes, and what becomes of a test that lets none pass. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { config, defer, EMPTY, interval, lastValueFrom, repeat, retry, switchMap, throwError } from 'rxjs';
import { inVirtualTime, type VirtualHarness } from '../../src/testing.js';
import { failing, failureOf, webTask } from './support.js';

const running = async (harness: VirtualHarness) => {
  const task = await webTask(harness, { processes: { web: 'r', job: '#' } });
  await task.init.start();
  const create = () => task.createExec({ id: 'job', spec: { args: ['job'] } });
  return { task, create };
};

describe('a test that lets no time pass', () => {
  it('is one that starts again what cannot be started', async () => {
    const { message } = await failing(async (harness) => {
      const { task, create } = await running(harness);
      await harness.sleep(5);
      for (;;) {
        const job = await create();
        await Promise.resolve(job.start()).catch(() => undefined);
        await task.delete('job');
      }
    });
    expect(message).toMatch(/^time stands still at 5 ms: more than 10,000 calls; last asked: run job/);
  });

  it('is one that subscribes again at once', async () => {
    const { message } = await failing(async (harness) => {
      const { task, create } = await running(harness);
      const started$ = create().pipe(
        switchMap((job) => job.start()),
        retry({ delay: () => task.delete('job') }),
      );
      await lastValueFrom(started$);
    });
    expect(message).toMatch(/^time stands still at 0 ms: more .*; last asked: run job/);
  });

  it('is one that asks over and over', async () => {
    const { message } = await failing(async (harness) => {
      const host = harness.system();
      host.shutdown().pipe(repeat()).subscribe();
    });
    expect(message).toMatch(/^time stands still at 0 ms: .*last asked: shutdown/);
  });

  it('is one with an interval of nothing', async () => {
    const { message } = await failing(({ scheduler }) => void interval(0, scheduler).subscribe());
    expect(message).toBe(
      'time stands still at 0 ms: more than 10,000 actions of the scheduler; last asked: nothing',
    );
  });

  it('is one that sleeps for no time', async () => {
    const { message } = await failing(async ({ sleep }) => {
      for (;;) await sleep(0);
    });
    expect(message).toMatch(/^time stands still at 0 ms/);
  });
});

describe('time', () => {
  it.each<[string, (harness: VirtualHarness) => unknown]>([
    ['sleep', ({ sleep }) => sleep(-1)],
    ['sleep', ({ sleep }) => sleep(Number.NaN)],
    ['at', ({ at }) => at(-1, () => undefined)],
    [
      'at',
      async ({ sleep, at }) => {
        await sleep(5);
        at(4, () => undefined);
      },
    ],
  ])('does not go back: %s', async (field, test) => {
    expect(await failing(test)).toMatchObject({ kind: 'invalidArgument', field });
  });

  it.each([{ until: -1 }, { until: Number.NaN }, { afterwards: -1 }, { untill: 5 }, 5])(
    'has bounds that can be, not %j',
    async (options) => {
      expect(await failing(() => undefined, options as never)).toMatchObject({ kind: 'invalidArgument' });
    },
  );

  it('ends a test that does not end', async () => {
    const { message } = await failing(({ sleep }) => sleep(101), { until: 100 });
    expect(message).toMatch(/^the test has not ended after 100 ms of virtual time\n/);
  });

  it('goes on for an hour after the test has ended', async () => {
    let last = 0;
    await inVirtualTime(async ({ scheduler, sleep, now }) => {
      await sleep(100);
      interval(60_000, scheduler).subscribe(() => (last = now()));
    });
    expect(last).toBe(3_600_100);
  });

  it('goes on for the given time after the test has ended', async () => {
    let last = 0;
    await inVirtualTime(
      ({ scheduler, now }) => void interval(10, scheduler).subscribe(() => (last = now())),
      {
        until: 50,
        afterwards: 100,
      },
    );
    expect(last).toBe(100);
  });

  it('does not wait for an interval that was left over', async () => {
    const began = performance.now();
    await inVirtualTime(({ scheduler }) => void interval(1, scheduler).subscribe());
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('time under fake timers', () => {
  afterEach(() => void jest.useRealTimers());

  it('passes all the same', async () => {
    jest.useFakeTimers();
    expect(await inVirtualTime(({ sleep }) => sleep(5).then(() => 'returned'))).toBe('returned');
  });
});

describe('an unhandled error', () => {
  it('fails the test, and no other', async () => {
    const mine = new Error('mine');
    const previous = config.onUnhandledError;
    const { message } = await failing(() => void throwError(() => mine).subscribe());
    expect(message).toBe('mine');
    expect(config.onUnhandledError).toBe(previous);
    await inVirtualTime(() => undefined);
  });

  it('fails a test that waits for it', async () => {
    const error = await failing(() => {
      defer(() => throwError(() => new Error('mine'))).subscribe();
      return new Promise(() => undefined);
    });
    expect(error.message).toBe('mine');
  });
});

describe('a test that waits for what never comes', () => {
  it('says what is known', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness, { processes: { job: '' } });
      harness.expectLife(task.init).toBe('(cr)');
      await task.init.start();
      const job = await task.createExec({ id: 'job', spec: { args: ['job'] } });
      await job.start();
    });
    expect(message.split('\n')).toEqual([
      'the test waits at 0 ms of virtual time for something that never happens',
      '',
      '  not answered: run job (at 0 ms)',
      "  followed: 't' running",
      '  without a script, so they run until they are killed: web',
      '  Was the scheduler of the test passed to createTask, and to everything else that takes time?',
    ]);
  });

  it('says which lives are not as expected', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness);
      harness.expectLife(task.init).toBe('(cr)-(0|)');
      await task.init.start();
      await task.wait();
    });
    expect(message).toMatch(/^the test waits[\s\S]*actual {4}\(cr\)\n/);
  });

  it('is no Observable that is never heard', async () => {
    expect(await failureOf(inVirtualTime(5 as never))).toMatchObject({
      kind: 'invalidArgument',
      field: 'test',
    });
    expect(await inVirtualTime(() => EMPTY.subscribe() && 'returned')).toBe('returned');
  });
});
