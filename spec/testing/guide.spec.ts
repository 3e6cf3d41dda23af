/** What the guide shows is what happens. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { transformSync } from 'esbuild';
import * as rxjs from 'rxjs';
import * as rxshim from '../../src/index.js';
import * as testing from '../../src/testing.js';
import { failing, webTask } from './support.js';

const guide = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8');
const [first, scripts, recipe] = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code as string,
);
const drawing = /```\n(the life[\s\S]*?)\n```/.exec(guide)?.[1];

/** What a piece of the guide comes to, with these names at hand. */
const evaluate = (code: string, names: object): unknown =>
  new Function('names', `with (names) { ${code} }`)(names);

const scriptOf = (code = ''): string => transformSync(code, { loader: 'ts' }).code;

describe('the guide', () => {
  it('begins with a test that holds', async () => {
    const results: Promise<unknown>[] = [];
    const names = {
      ...rxshim,
      ...testing,
      it: (_: string, test: () => Promise<unknown>) => results.push(test()),
    };
    evaluate(scriptOf(first?.replaceAll(/^import .*$/gm, '')), names);
    expect(results).toHaveLength(1);
    await results[0];
  });

  it('has scripts that can be read', () =>
    testing.inVirtualTime(({ system }) => evaluate(scriptOf(scripts), { system, error: new Error('mine') })));

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
