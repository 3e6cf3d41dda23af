/** What the README shows is what happens. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { transformSync } from 'esbuild';

const root = new URL('..', import.meta.url);
const scratch = new URL('dist-tools/readme/', root);
const examples = [...readFileSync(new URL('README.md', root), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code as string,
);

/** The one that says this. */
const example = (saying: string): string => {
  const found = examples.filter((code) => code.includes(saying));
  if (found.length !== 1) throw new Error(`${found.length} examples say ${saying}`);
  return found[0] as string;
};

/** Runs an example as a program of its own, with the package under its own name. */
const run = (name: string, code: string): string => {
  mkdirSync(scratch, { recursive: true });
  const file = new URL(`${name}.mjs`, scratch);
  writeFileSync(file, transformSync(code, { loader: 'ts' }).code);
  return execFileSync(process.execPath, [file.pathname], { encoding: 'utf8' });
};

describe('the examples of the README', () => {
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('begin with a process that is run, watched and stopped', () => {
    const said = run('first', example('echo hello; sleep 60')).split('\n');
    expect(said).toEqual(expect.arrayContaining(['created created 0', 'hello', 'signal 143']));
    expect(said.filter((line) => /^running running \d+$/.test(line))).toHaveLength(1);
  });

  it('run many commands beside an init, a few at a time', () => {
    expect(run('second', example('mergeMap((script, index)')).trim().split('\n').sort()).toEqual([
      '0',
      '1',
      '2',
      '3',
    ]);
  });

  it('end what still runs when their consumer wants no more', () => {
    const code = example('mergeMap((script, index)')
      .replace("['exit 0', 'exit 1', 'exit 2', 'exit 3']", "['sleep 60', 'exit 1', 'sleep 60', 'sleep 60']")
      .replace(', 3))', ', 3), take(1))')
      .replace('import { concat,', 'import { take, concat,');
    expect(code).toContain('take(1)');
    expect(
      run('second-early', `${code}\nawait task.wait(); console.log('left', task.execs.length);`),
    ).toMatch(/^1\nleft \d\n$/);
  });

  it('tell of an exec that is late', () => {
    const said = run(
      'third',
      `import { catchError, mergeMap, of, switchMap, timeout } from 'rxjs';
      import { createTask } from 'rxshim';
      import { local } from 'rxshim/local';
      const policies = { drain: { cap: 60_000 } };
      const task = await createTask({ id: 't', system: local(), spec: { args: ['sleep', '600'] }, policies });
      ${example('is late').replace('5_000', '50')}
      await task.init.start();
      const stdio = { stdout: 'pipe' };
      const exec = await task.createExec({ id: 'e', spec: { args: ['sh', '-c', 'sleep 600 & exit 3'] }, stdio });
      await exec.start();
      setTimeout(() => task.stop().subscribe(), 200);
      await task.wait();`,
    );
    expect(said).toContain('e is late');
  });

  it('join two execs by a pipe', () => {
    expect(run('joined', example('yes.init.stdout')).split('\n')).toEqual(['y', 'y', '', '141', '']);
  });

  it('read the output of one process in several places, in order', () => {
    expect(run('output', example('log.init.output$'))).toBe('stdout one\nstderr two\n8\n');
  });

  it('play a scripted life in virtual time', () => {
    expect(run('fourth', example('new TestScheduler('))).toBe('7\n');
  });
});
