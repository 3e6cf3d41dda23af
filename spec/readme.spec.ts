/** What the README shows is what happens. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';

const root = new URL('..', import.meta.url);
const scratch = new URL('dist-tools/readme/', root);
const examples = [...readFileSync(new URL('README.md', root), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code as string,
);

/** Runs an example as a program of its own, with the package under its own name. */
const run = (name: string, code: string): string => {
  mkdirSync(scratch, { recursive: true });
  const file = new URL(`${name}.mjs`, scratch);
  writeFileSync(file, code);
  return execFileSync(process.execPath, [file.pathname], { encoding: 'utf8' });
};

describe('the examples of the README', () => {
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('begin with a process that is run, watched and stopped', () => {
    const said = run('first', examples[0] as string).split('\n');
    expect(said).toEqual(expect.arrayContaining(['created 0', 'hello', 'signal 143']));
    expect(said.filter((line) => /^running \d+$/.test(line))).toHaveLength(1);
  });

  it('tell of an exec that is late', () => {
    const said = run(
      'second',
      `import { catchError, mergeMap, of, switchMap, timeout } from 'rxjs';
      import { createTask } from 'rxshim';
      import { local } from 'rxshim/local';
      const policies = { drain: { cap: 60_000 } };
      const task = await createTask({ id: 't', system: local(), spec: { args: ['sleep', '600'] }, policies });
      ${(examples[1] as string).replace('5_000', '50')}
      await task.init.start();
      const stdio = { stdout: 'pipe' };
      const exec = await task.createExec({ id: 'e', spec: { args: ['sh', '-c', 'sleep 600 & exit 3'] }, stdio });
      await exec.start();
      setTimeout(() => task.stop().subscribe(), 200);
      await task.wait();`,
    );
    expect(said).toContain('e is late');
  });

  it('drive a scripted container in a test', () => {
    const said = run(
      'third',
      `import { asyncScheduler as scheduler } from 'rxjs';
      import { createTask } from 'rxshim';
      ${examples[2]}
      console.log((await task.init.wait()).status);
      process.exit(0);`,
    );
    expect(said).toBe('7\n');
  });
});
