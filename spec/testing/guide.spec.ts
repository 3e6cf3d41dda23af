/** What the guide shows is what happens. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformSync } from 'esbuild';
import * as rxjs from 'rxjs';
import type * as rxshim from '../../src/index.js';
import * as testing from '../../src/testing.js';
import { blocksOf, blockWith } from '../docs/blocks.js';
import { bundlePrograms, type Programs } from '../docs/programs.js';
import { failing, webTask } from './support.js';

const page = 'docs/testing.md';
const recipe = blockWith(page, 'withDeadline').code;
const drawing = blocksOf(page)
  .find(({ code }) => code.startsWith('the life'))
  ?.code.trimEnd();

/** What a piece of the guide comes to, with these names at hand. */
const evaluate = (code: string, names: object): unknown =>
  new Function('names', `with (names) { ${code} }`)(names);

const scriptOf = (code: string): string =>
  transformSync(code.replaceAll(/^import .*$|^export /gm, ''), { loader: 'ts' }).code;

describe('the guide', () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = await bundlePrograms({
      first: blockWith(page, 'takes its time').code,
      scripts: blockWith(page, 'leaky').code,
    });
  });
  afterAll(() => programs?.remove());

  it('begins with a test that holds', async () => {
    const { stdout, status } = await programs.run('first', { args: ['--test-reporter=tap'] });
    expect(stdout).toContain('\n# pass 1\n# fail 0\n');
    expect(status).toBe(0);
  });

  it('has scripts that can be read', async () => {
    expect(await programs.run('scripts')).toEqual({ stdout: '', stderr: '', status: 0 });
  });

  it('draws what is drawn', async () => {
    const { message } = await failing(async (harness) => {
      const task = await webTask(harness, { processes: { web: { life: '--r', on: { TERM: '-(x|)' } } } });
      harness.expectLife(task.init).toBe('c-r----(x|)');
      await task.init.start();
      await harness.sleep(2);
      await task.stop();
    });
    expect(message).toBe(drawing);
  });

  it.each([
    ['r-(3|)', 2, 'exited'],
    ['r', 10, 'signaled'],
    ['', 5_110, 'lost'],
    ['--#', 2, 'startFailed'],
  ])('reports one end of %j within its deadline', (job, at, kind) =>
    testing.inVirtualTime(async (harness) => {
      const task = await webTask(harness, { processes: { job } });
      await task.init.start();
      const exec = await task.createExec({ id: 'job', spec: { args: ['job'] } });
      const withDeadline = evaluate(`${scriptOf(recipe)}; return withDeadline;`, rxjs) as (
        ...given: [rxshim.Exec, number, rxjs.SchedulerLike]
      ) => rxjs.Observable<rxshim.ExecExit>;
      const ends = await rxjs.lastValueFrom(withDeadline(exec, 10, harness.scheduler).pipe(rxjs.toArray()));
      expect(ends.map((end) => `${harness.now()} ${end.kind}`)).toEqual([`${at} ${kind}`]);
      await task.stop();
    }),
  );
});
