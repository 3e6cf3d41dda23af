/** The engine of docs/engines.md runs tasks and passes the contract tests, as the page says. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blockWith } from './blocks.js';
import { bundlePrograms, type Programs } from './programs.js';

const page = 'docs/engines.md';
const codeWith = (text: string): string => blockWith(page, text).code;

(process.platform === 'linux' ? describe : describe.skip)('the engine of the page on engines', () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = await bundlePrograms({
      'child-processes': codeWith('export const childProcesses'),
      task: codeWith('task.wait()'),
      contract: codeWith('contractTests(engine)'),
    });
  });
  afterAll(() => programs?.remove());

  it('runs a task', async () => {
    const { output } = blockWith(page, 'task.wait()');
    expect(await programs.run('task')).toEqual({ stdout: output, stderr: '', status: 0 });
  });

  it('passes the contract tests under node:test', async () => {
    const { stdout, status } = await programs.run('contract', {
      args: ['--test', '--test-reporter=tap'],
    });
    expect(stdout.match(/^\s*not ok .*/gm)).toBeNull();
    expect(Number(/^# pass (\d+)/m.exec(stdout)?.[1])).toBeGreaterThan(25);
    expect(status).toBe(0);
  });
});
