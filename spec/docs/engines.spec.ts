/** The engine of docs/engines.md runs tasks and passes the contract tests, as the page says. */
import { describe, expect, it } from '@jest/globals';
import { blockWith, runProgram } from '../support/doc-examples.js';

const page = 'docs/engines.md';
const files = { 'child-processes.mjs': blockWith(page, 'export const childProcesses') };

(process.platform === 'linux' ? describe : describe.skip)('the engine of the page on engines', () => {
  it('runs a task', () => {
    const code = blockWith(page, 'task.wait()');
    expect(runProgram(code, { files })).toEqual({ stdout: '3\n', stderr: '', status: 0 });
  });

  it('passes the contract tests under node:test', () => {
    const { stdout, status } = runProgram(blockWith(page, 'contractTests(engine)'), {
      args: ['--test', '--test-reporter=tap'],
      files,
    });
    expect(stdout.match(/^\s*not ok .*/gm)).toBeNull();
    expect(Number(/^# pass (\d+)/m.exec(stdout)?.[1])).toBeGreaterThan(25);
    expect(status).toBe(0);
  });
});
