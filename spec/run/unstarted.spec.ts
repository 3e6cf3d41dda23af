/** A forgotten await is named when the program ends. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

const program = (body: string): { readonly status: number | null; readonly stderr: string } => {
  const code = `import { createTask } from 'rxshim'; import { local } from 'rxshim/local';
    const task = await createTask({ id: 'web', system: local(), spec: { args: ['true'] } });
    ${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
};

const initWarning =
  'rxshim: the init of task web was created and never started: start() does nothing until it is awaited or subscribed to\n';

describe('a program that ends', () => {
  it('is warned of an init that it never started', () => {
    expect(program('task.init.start();').stderr).toBe(initWarning);
    expect(program('task.init.start(); await task.wait();')).toMatchObject({
      status: 13,
      stderr: expect.stringContaining(initWarning),
    });
  });

  it('is warned of another exec that it never started', () => {
    const body = `const host = await createTask({ id: 'jobs', system: local() });
      await task.init.start(); await task.wait();
      await host.init.start(); await host.createExec({ id: 'job', spec: { args: ['true'] } }); process.exit();`;
    expect(program(body).stderr).toContain('rxshim: exec job of task jobs was created and never started');
  });

  it('is not warned of what has run, was deleted, or of anything when it fails', () => {
    expect(program('await task.init.start(); await task.wait();').stderr).toBe('');
    expect(program('await task[Symbol.asyncDispose]();').stderr).toBe('');
    expect(program('process.exit(3);').stderr).toBe('');
  });
});
