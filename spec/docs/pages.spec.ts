/** Each program of the pages prints what stands below it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf, blockWith, pages, printsItsOutput } from './blocks.js';
import { bundlePrograms, type ProgramResult, type Programs } from './programs.js';
import { isRunElsewhere } from './run-elsewhere.js';

const blocks = pages.flatMap(blocksOf).filter((block) => printsItsOutput(block) && !isRunElsewhere(block));
const nameOf = (at: number): string => `block-${at}`;

let programs: Programs;
const results = new Map<number, Promise<ProgramResult>>();
const begin = (at: number): Promise<ProgramResult> => {
  const result = results.get(at) ?? programs.run(nameOf(at));
  results.set(at, result);
  return result;
};

const hangs = "setInterval(() => undefined, 1_000); console.log('here');";

/** The limit on concurrent jobs, left by its consumer while jobs run. */
const leavesEarly = `${blockWith('docs/tasks.md', 'mergeMap((script, index)')
  .code.replace("['exit 0', 'exit 1', 'exit 2', 'exit 3']", "['sleep 60', 'exit 1', 'sleep 60', 'sleep 60']")
  .replace('tap(({ status })', 'take(1), tap(({ status })')
  .replace('import { concat,', 'import { take, concat,')}
await task.wait(); console.log('left', task.execs.length);`;

beforeAll(async () => {
  const sources = blocks.map(({ code }, at) => [nameOf(at), code] as const);
  programs = await bundlePrograms({ ...Object.fromEntries(sources), hangs, leavesEarly });
});
afterAll(() => programs?.remove());

describe.each([...new Set(blocks.map(({ page }) => page))])('%s', (page) => {
  const own = blocks.flatMap((block, at) => (block.page === page ? [{ ...block, at }] : []));

  it.each(own)('$title ($place)', async ({ at, output }) => {
    const running = begin(at);
    // Two at a time: most of a program's time is spent waiting.
    if (at + 1 < blocks.length) begin(at + 1).catch(() => undefined);
    expect(await running).toEqual({ stdout: output, stderr: '', status: 0 });
  });
});

describe('docs/tasks.md', () => {
  it('ends the jobs that still run if their consumer unsubscribes early', async () => {
    expect(leavesEarly).toContain('take(1)');
    expect(await programs.run('leavesEarly')).toEqual({
      stdout: expect.stringMatching(/^\[ 1 \]\nleft \d\n$/),
      stderr: '',
      status: 0,
    });
  });
});

describe('a program of a page that hangs', () => {
  it('is killed, so that its spec fails and does not hang', async () => {
    expect(await programs.run('hangs', { timeout: 4_000 })).toEqual({
      stdout: 'here\n',
      stderr: '',
      status: null,
    });
  });
});
