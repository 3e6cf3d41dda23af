/** A short program loads few files: each costs more than what a short program does. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

/** The files that a program loads, as V8 counts them. */
const loadedBy = (code: string): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'rxshim-start-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder };
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { env });
    return readdirSync(folder).flatMap((name) => {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        result: { url: string }[];
      };
      return result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

it('a program that runs one command loads few files besides those of rxjs', () => {
  const loaded = loadedBy(
    `import { run } from 'rxshim'; import { local } from 'rxshim/local'; await run(local(), ['true']);`,
  );
  const other = loaded.filter((url) => !url.includes('/node_modules/rxjs/'));
  expect(other.some((url) => url.endsWith('/dist/index.js'))).toBe(true);
  expect(other.length).toBeLessThanOrEqual(30);
  const packages = new Set(other.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
  expect([...packages]).toEqual([]);
});

it('entry points share their modules, so that an error of one is an RxshimError of the other', () => {
  const code = `import { RxshimError } from 'rxshim'; import { local } from 'rxshim/local'; import { simulatedSystem } from 'rxshim/testing';
    for (const bad of [() => local({ cwd: 1 }), () => simulatedSystem({})]) {
      try { bad(); } catch (error) { console.log(error instanceof RxshimError); }
    }`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(printed).toBe('true\ntrue\n');
});
