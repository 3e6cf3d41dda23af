/** Simulated systems: input that is read, and an init that is made before it is started. */
import { describe, expect, it } from '@jest/globals';
import { createTask } from '../../src/index.js';
import { inVirtualTime } from '../../src/testing.js';
import { failing, failureOf, type webTask } from './support.js';

describe('what is written to a process', () => {
  const written = (script: Parameters<typeof webTask>[1], life: string, lines: readonly string[]) =>
    inVirtualTime(async (harness) => {
      const host = harness.system(script);
      const task = await createTask({
        id: 't',
        system: host,
        scheduler: harness.scheduler,
        spec: { args: ['web'] },
        stdio: { stdin: 'pipe' },
      });
      harness.expectLife(task.init).toBe(life, { k: 137 });
      harness.expectAsked(host).toBe(lines);
      await task.init.start();
      await harness.sleep(1);
      const writing = Promise.resolve(task.init.stdin?.write(Buffer.from('héllo\n')));
      if (lines.some((line) => line.includes('input'))) await writing;
      await task.init.closeIo();
      await harness.sleep(20);
      await task.init.forceExit(1);
    });

  it('is read, and reported', () =>
    written({}, '(cr) 17ms (k|)', [
      '0 ms start',
      '0 ms run web',
      '1 ms input web "héllo\\n"',
      '1 ms closeStdin web',
      '21 ms kill web',
      '21 ms close web',
      '21 ms shutdown',
      '21 ms close',
    ]));

  it('may end it', () =>
    written({ processes: { web: { life: 'r', on: { EOF: '--(x|)' } } } }, '(cr)@3ms (0|)', [
      '0 ms start',
      '0 ms run web',
      '1 ms input web "héllo\\n"',
      '1 ms closeStdin web',
      '3 ms close web',
      '3 ms shutdown',
      '3 ms close',
    ]));

  it('may not be read', () =>
    written({ processes: { web: { life: 'r', answers: { stdin: '' } } } }, '(cr) 17ms (k|)', [
      '0 ms start',
      '0 ms run web',
      '21 ms kill web',
      '21 ms close web',
      '21 ms shutdown',
      '21 ms close',
    ]));
});

describe('a system that makes its init before it is started', () => {
  const create = (
    harness: Parameters<Parameters<typeof inVirtualTime>[0]>[0],
    options: Parameters<typeof webTask>[1] = {},
  ) => {
    const host = harness.system({ createsFirst: true, ...options });
    return {
      host,
      task: createTask({ id: 't', system: host, scheduler: harness.scheduler, spec: { args: ['web'] } }),
    };
  };

  it('has its number before, and begins with the start', () =>
    inVirtualTime(async (harness) => {
      const { host, task: making } = create(harness, { processes: { web: '--r--(3|)' } });
      const task = await making;
      expect(harness.now()).toBe(2);
      expect(task.init.pid).toBe(1);
      harness.expectLife(task.init).toBe('--c----r--(3|)');
      const lines = ['create web', 'start', 'close web', 'shutdown', 'close', 'delete'];
      const times = [0, 7, 10, 10, 10, 20];
      harness.expectAsked(host).toBe(lines.map((line, place) => `${times[place]} ms ${line}`));
      await harness.sleep(5);
      await task.init.start();
      await harness.sleep(13);
      await task.delete();
    }));

  it('can be killed before its start', () =>
    inVirtualTime(async (harness) => {
      const { host, task: making } = create(harness, {
        processes: { web: { life: 'r-(0|)', on: { TERM: '' } } },
      });
      const task = await making;
      harness.expectLife(task.init).toBe('c----(x|)', { x: 143 });
      harness
        .expectAsked(host)
        .toBe(['0 ms create web', '5 ms signal 15 web', '5 ms close web', '5 ms shutdown', '5 ms close']);
      await harness.sleep(5);
      await task.kill('TERM');
    }));

  it('answers as scripted', () =>
    inVirtualTime(async (harness) => {
      const { task: making } = create(harness, {
        answers: { create: '--|', start: '---|', delete: '----#' },
      });
      const task = await making;
      harness.expectLife(task.init).toBe('--c--r(x|)', { x: 137 });
      await task.init.start();
      await harness.sleep(1);
      await task.init.forceExit(1);
      await task.wait();
      await failureOf(task.delete());
      expect(harness.now()).toBe(10);
    }));

  it('may not be able to', async () => {
    const error = await failing((harness) => create(harness, { processes: { web: '#' } }).task);
    expect(error).toMatchObject({ kind: 'unknown' });
  });
});
