/** The testing kit, as its users meet it. */
import { describe, expect, it } from '@jest/globals';
import { lines } from '../../src/streams/stdio/lines.js';
import { createTask } from '../../src/streams/task/task.js';
import { inVirtualTime, type VirtualHarness } from '../../src/testing.js';

const spec = { args: ['web'] };

/** A task over a system in which `web` does as scripted. */
const taskOf = ({ scheduler, system }: VirtualHarness, web: Parameters<VirtualHarness['system']>[0] = {}) => {
  const host = system(web);
  return { host, task: createTask({ id: 't', system: host, scheduler, spec, stdio: { stdout: 'pipe' } }) };
};

describe('a test in virtual time', () => {
  it('awaits commands and reads output, and takes no time', async () => {
    const began = performance.now();
    const outcome = await inVirtualTime(async (harness) => {
      const web = { life: 'r 1s o 1h (x|)'.replace('1h', '3600s'), values: { o: 'listening\n' } };
      const task = await taskOf(harness, { processes: { web } }).task;
      await task.init.start();
      const output: string[] = [];
      for await (const line of lines(task.init.stdout)) output.push(`${harness.now()} ${line}`);
      const { status } = await task.init.wait();
      return { output, status, at: harness.now() };
    });
    expect(outcome).toEqual({ output: ['1001 listening'], status: 0, at: 3_601_002 });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('draws lives with one column for a millisecond', async () => {
    await inVirtualTime(async (harness) => {
      const { task: making } = taskOf(harness, { processes: { web: '--r--3----|' } });
      const task = await making;
      harness.expectLife(task.init).toBe('c-r--3----|');
      await task.init.start();
    });
  });

  it('reports events and what was asked, with their times', async () => {
    await inVirtualTime(async (harness) => {
      const { host, task: making } = taskOf(harness, {
        processes: { web: { life: 'r', on: { TERM: '--(x|)' } } },
      });
      const task = await making;
      harness.expectEvents(task).toBe(['0 ms TaskCreate', '0 ms TaskStart', '7 ms TaskExit 143']);
      harness
        .expectAsked(host)
        .toBe([
          '0 ms start',
          '0 ms run web',
          '5 ms signal 15 web',
          '7 ms closeStdout web',
          '7 ms close web',
          '7 ms shutdown',
          '7 ms close',
        ]);
      await task.init.start();
      await harness.sleep(5);
      expect((await task.stop()).by).toBe('signal');
    });
  });

  it('kills what takes no notice, after its grace', async () => {
    await inVirtualTime(async (harness) => {
      const task = await taskOf(harness, { processes: { web: { life: 'r', on: { TERM: '' } } } }).task;
      harness.expectLife(task.init).toBe('(cr) 96ms (x|)', { x: 137 });
      await task.init.start();
      expect((await task.stop({ grace: 100 })).by).toBe('kill');
    });
  });

  it.each([
    ['is never answered', { life: '' }, 'startFailed', 1],
    ['fails', { life: '--#' }, 'unknown', 1],
  ])('sees a start that %s', async (_, web, kind) => {
    await inVirtualTime(async (harness) => {
      const task = await taskOf(harness, { processes: { web } }).task;
      const start = Promise.resolve(task.init.start()).then(
        () => 'started',
        (error) => error.kind,
      );
      if (kind === 'startFailed') {
        harness.at(10, () => task.init.forceExit(9).subscribe());
        expect(await start).toBe('failedPrecondition');
        expect((await task.init.wait()).status).toBe(9);
      } else expect(await start).toBe(kind);
    });
  });

  it('sees signals that are not delivered, calls that fail and calls that never answer', async () => {
    await inVirtualTime(async (harness) => {
      const web = { life: 'r', on: { HUP: '' }, answers: { signal: '-n', resizeConsole: '#', kill: '' } };
      const task = await taskOf(harness, { processes: { web } }).task;
      await task.init.start();
      const kindOf = (command: PromiseLike<unknown>) =>
        Promise.resolve(command).then(
          () => 'done',
          (error) => error.kind,
        );
      expect(await kindOf(task.init.kill('HUP'))).toBe('notFound');
      expect(harness.now()).toBe(1);
      await task.init.forceExit(7);
      expect(await task.init.wait()).toMatchObject({ kind: 'lost', status: 7, forced: true });
    });
  });

  it('cuts output that a grandchild holds open', async () => {
    await inVirtualTime(async (harness) => {
      const task = await taskOf(harness, { processes: { web: 'r-o-x' } }).task;
      harness.expectLife(task.init).toBe('(cr)x 999ms |');
      await task.init.start();
      expect(await task.init.wait()).toMatchObject({ truncated: true });
    });
  });

  it('loses a container that goes by itself', async () => {
    await inVirtualTime(async (harness) => {
      const task = await taskOf(harness, { container: 'r----x' }).task;
      harness.expectLife(task.init).toBe('(cr)-(x|)', { x: 137 });
      await task.init.start();
    });
  });
});
