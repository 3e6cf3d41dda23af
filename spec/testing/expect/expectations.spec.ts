/** Failed expectations, and what is reported of them. */
import { describe, expect, it } from '@jest/globals';
import { RxshimError } from '../../../src/hcs/failures/errors.js';
import {
  ExpectationError,
  inVirtualTime,
  scriptedSystem,
  type VirtualHarness,
} from '../../../src/testing.js';
import { failing, failureOf, webTask } from '../support.js';

const exits = { processes: { web: '--r--(7|)' } };

describe('an expectation that does not hold', () => {
  it('draws the expected life above the actual one', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness, exits);
      harness.expectLife(task.init).toBe('c-r----(x|)');
      await task.init.start();
    });
    expect(message).toBe(
      [
        "the life of 't' is not the one expected",
        '',
        '  expected  c-r----(0|)',
        '  actual    c-r--(7|)',
        '  expected at 7 ms: exit status 0, released',
        '  actual   at 5 ms: exited 7, released',
      ].join('\n'),
    );
  });

  it('names only what differs, and says what letters stand for', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness, { processes: { web: 'r' } });
      harness.expectLife(task.init).toBe('c-r---(x|)', { x: 143 });
      await task.init.start();
      await harness.sleep(6);
      await task.init.forceExit(1);
    });
    expect(message.split('\n').slice(2)).toEqual([
      '  expected  c-r---(x|)   { x: 143 }',
      '  actual    (cr)--(y|)   { y: 137 }',
      '  expected at 2 ms: running',
      '  expected at 6 ms: exit status 143',
      '  actual   at 0 ms: running',
      '  actual   at 6 ms: signaled 137',
    ]);
  });

  it('takes an x without a value for an exit with 0', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness, exits);
      harness.expectLife(task.init).toBe('c-r--(x|)');
      await task.init.start();
    });
    expect(message).toContain('expected at 5 ms: exit status 0\n');
  });

  it('can be mended by what was drawn', async () => {
    await inVirtualTime(async (harness) => {
      const task = await webTask(harness, { processes: { web: 'r-(3|)' } });
      harness.expectLife(task.init).toBe('(cr)@2ms (3|)');
      await task.init.start();
    });
  });

  it('shows lines as a diff', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness, exits);
      harness.expectEvents(task).toBe(['0 ms TaskStart', '2 ms TaskStart', '5 ms TaskExit 7']);
      await task.init.start();
    });
    expect(message.split('\n').slice(5)).toEqual([
      '  - 0 ms TaskStart',
      '  + 0 ms TaskCreate',
      '    2 ms TaskStart',
      '    5 ms TaskExit 7',
    ]);
  });

  it('reports all lives that differ, those that were not expected, and those that were not there', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness, { processes: { web: 'r', job: 'r-(0|)' } });
      await task.init.start();
      harness.expectLives(task).toBe({ t: 'r-----(x|)', a: 'r-(0|)', c: 'r' }, { x: 137 });
      for (const id of ['a', 'b']) {
        const job = await task.createExec({ id, spec: { args: ['job'] } });
        await job.start();
        await job.wait();
      }
      await task.init.forceExit(1);
    });
    expect(message).toContain("the life of 't' is not");
    expect(message).toContain("the life of 'a' is not");
    expect(message).toContain("'b' was not expected\n\n  actual    --(cr)@4ms (0|)");
    expect(message).toContain("'c' was not there\n\n  expected  r");
  });

  it('is each of them, not only the first, from where it was said', async () => {
    const error = await failing(async (harness) => {
      const task = await webTask(harness, exits);
      harness.expectLife(task.init).toBe('c');
      harness.expectEvents(task).toBe([]);
      await task.init.start();
    });
    expect(error).toBeInstanceOf(ExpectationError);
    expect(error.message).toMatch(/^2 expectations failed\n/);
    expect(error.message).toMatch(
      /the life of 't'[\s\S]*declared at .*expectations\.spec\.ts:\d+:\d+\n[\s\S]*other events/,
    );
    expect(error.stack?.split('\n').find((line) => /^ +at /.test(line))).toContain('expectations.spec.ts');
  });

  it('is reported below the error of the test itself', async () => {
    const mine = new RangeError('mine');
    const error = await failing(async (harness) => {
      const task = await webTask(harness);
      harness.expectLife(task.init).toBe('x');
      throw mine;
    });
    expect(error).toBe(mine);
    expect(error.message).toMatch(/^mine\n\nWhen the test failed[\s\S]*expected {2}0\n {2}actual {4}c\n/);
    expect(error.stack).toContain(error.message);
  });

  it('is reported also when the test throws what is no error', async () => {
    const error = await failing(async (harness) => {
      harness.expectLife((await webTask(harness)).init).toBe('x');
      throw 'mine';
    });
    expect(error).toMatchObject({
      cause: 'mine',
      message: expect.stringMatching(/^the test failed: mine\n/),
    });
  });
});

describe('lives', () => {
  it('are counted where an id is used again', () =>
    inVirtualTime(async (harness) => {
      const task = await webTask(harness, { processes: { web: 'r', job: 'r-(0|)' } });
      await task.init.start();
      const lives = { t: 'r----(k|)', job: '(cr)@2ms (0|)', 'job#2': '--(cr)@4ms (0|)' };
      harness.expectLives(task).toBe(lives, { k: 137 });
      for (let runs = 0; runs < 2; runs += 1) {
        const job = await task.createExec({ id: 'job', spec: { args: ['job'] } });
        await job.start();
        await job.wait();
        await task.delete('job');
      }
      await harness.sleep(1);
      await task.init.forceExit(1);
    }));
});

describe('an expectation that cannot be', () => {
  const saying = (say: (harness: VirtualHarness) => unknown) => failing(say);

  it.each<[string, (harness: VirtualHarness) => unknown]>([
    ['a life of nothing', ({ expectLife }) => expectLife(undefined as never)],
    ['lives of nothing', ({ expectLives }) => expectLives({} as never)],
    ['events of nothing', ({ expectEvents }) => expectEvents(undefined as never)],
    ['what another system was asked', ({ expectAsked }) => expectAsked(scriptedSystem() as never)],
    ['what nothing emits', ({ expectObservable }) => expectObservable(5 as never)],
    ['events in one text', async (s) => s.expectEvents(await webTask(s)).toBe('0 ms TaskCreate' as never)],
    ['a letter without a value', async (s) => s.expectLife((await webTask(s)).init).toBe('cry')],
    ['no marbles', async (s) => s.expectLife((await webTask(s)).init).toBe(undefined as never)],
    ['a value for r', async (s) => s.expectLife((await webTask(s)).init).toBe('c', { r: 1 })],
    ['a status of text', async (s) => s.expectLife((await webTask(s)).init).toBe('cx', { x: '1' as never })],
  ])('is %s', async (_, say) => {
    const error = await saying(say);
    expect(error).toBeInstanceOf(RxshimError);
    expect(error).toMatchObject({ kind: 'invalidArgument', field: expect.any(String) });
  });

  it('is one that says nothing', async () => {
    const { message } = await saying(async (harness) => harness.expectLife((await webTask(harness)).init));
    expect(message).toBe("expectLife('t') has no effect without toBe");
  });

  it('is one that comes when the test is over', async () => {
    let late = (): void => undefined;
    await inVirtualTime((harness) => {
      const { toBe } = harness.expectObservable(harness.system().exit$);
      toBe('');
      late = () => toBe('');
    });
    expect(await failureOf(Promise.resolve().then(() => late()))).toMatchObject({
      kind: 'failedPrecondition',
    });
  });
});
