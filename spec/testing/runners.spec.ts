/** The testing kit under another runner than jest: node's own, for real. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('holds and fails under node:test, with both lives drawn', () => {
  // Inside the checkout, so that it finds the package by its name.
  mkdirSync(join(root, 'dist-tools'), { recursive: true });
  const folder = mkdtempSync(join(root, 'dist-tools', 'runner-'));
  try {
    const file = join(folder, 'life.test.mjs');
    writeFileSync(
      file,
      `import test from 'node:test';
      import { createTask } from 'rxshim';
      import { inVirtualTime } from 'rxshim/testing';
      const life = (expected) => inVirtualTime(async ({ system, scheduler, expectLife }) => {
        const host = system({ processes: { web: 'r---(3|)' } });
        const task = await createTask({ id: 't', system: host, scheduler, spec: { args: ['web'] } });
        expectLife(task.init).toBe(expected);
        await task.init.start();
      });
      test('as it is', () => life('(cr)(3|)'));
      test('as it is not', () => life('(cr)--(x|)'));`,
    );
    const { NODE_OPTIONS, ...env } = process.env;
    const { stdout, status } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', file], {
      encoding: 'utf8',
      env: { ...env, NODE_TEST_CONTEXT: undefined },
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/ok 1 - as it is\n/);
    expect(stdout).toMatch(/not ok 2 - as it is not/);
    expect(stdout).toContain('expected  (cr)--(0|)');
    expect(stdout).toContain('actual    (cr)(3|)');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
