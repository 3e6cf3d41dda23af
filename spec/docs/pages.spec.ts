/** Each program of these pages prints what stands below it. */
import { describe, expect, it } from '@jest/globals';
import { describeWithRunc, harness } from '../hcs/runc/on-runc.js';
import { blockWith, runProgram, tsBlocks, withOutput } from '../support/doc-examples.js';
import { runWord } from '../support/run-word.js';

/** Needs a bundle, which the spec makes. */
const runsABundle = "from 'rxshim/runc'";

describe.each(['README.md', 'docs/tasks.md', 'docs/stdio.md'])('%s', (page) => {
  const programs = withOutput(page);

  it('says of every program what it prints', () => {
    const programmed = tsBlocks(page).filter((code) => !code.includes(runsABundle));
    expect(programs.map(({ code }) => code)).toEqual(programmed);
  });

  it.each(programs)('$title', ({ code, output }) => {
    expect(runProgram(code)).toEqual({ stdout: output, stderr: '', status: 0 });
  });
});

describe('docs/tasks.md', () => {
  it('ends the jobs that still run if their consumer unsubscribes early', () => {
    const code = blockWith('docs/tasks.md', 'mergeMap((script, index)')
      .replace("['exit 0', 'exit 1', 'exit 2', 'exit 3']", "['sleep 60', 'exit 1', 'sleep 60', 'sleep 60']")
      .replace('tap(({ status })', 'take(1), tap(({ status })')
      .replace('import { concat,', 'import { take, concat,');
    expect(code).toContain('take(1)');
    expect(runProgram(`${code}\nawait task.wait(); console.log('left', task.execs.length);`)).toEqual({
      stdout: expect.stringMatching(/^\[ 1 \]\nleft \d\n$/),
      stderr: '',
      status: 0,
    });
  });
});

describeWithRunc('README.md, for a bundle', () => {
  const { bundle } = harness();

  it('runs it to its end', () => {
    const code = blockWith('README.md', runsABundle)
      .replace('/run/bundles/web', bundle('exit 3'))
      .replaceAll("'web'", `'${runWord}-readme'`);
    expect(runProgram(code)).toEqual({ stdout: '3\n', stderr: '', status: 0 });
  });
});

describe('a program of a page that hangs', () => {
  it('is killed, so that its spec fails and does not hang', () => {
    const code = "setInterval(() => undefined, 1_000); console.log('here');";
    expect(runProgram(code, { timeout: 1_000 })).toEqual({ stdout: 'here\n', stderr: '', status: null });
  });
});
