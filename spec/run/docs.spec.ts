/** What the pages on runs and orchestration show is what happens: each program is run, and prints what stands below it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { transformSync } from 'esbuild';

const root = new URL('../../', import.meta.url);
const scratch = new URL('dist-tools/docs-run/', root);

const pages = [
  'run',
  'everyday',
  ...readdirSync(new URL('docs/orchestrate/', root)).map((name) => `orchestrate/${name.replace('.md', '')}`),
];

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.each(pages)('the programs of docs/%s.md', (page) => {
  const text = readFileSync(new URL(`docs/${page}.md`, root), 'utf8');
  const programs = [...text.matchAll(/## ([^\n]*)\n|```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];
  let title = '';
  const named = programs.flatMap(([, heading, code, printed], index) => {
    title = heading ?? title;
    return code === undefined ? [] : [[`${title} (${index})`, code, printed as string] as const];
  });

  it('all say what they print', () => {
    expect(named).toHaveLength([...text.matchAll(/```ts\n/g)].length);
  });

  it.each(named)('%s', (name, code, printed) => {
    mkdirSync(scratch, { recursive: true });
    const file = new URL(`${`${page}-${name}`.replaceAll(/\W+/g, '-')}.mjs`, scratch);
    writeFileSync(file, transformSync(code, { loader: 'ts' }).code);
    expect(execFileSync(process.execPath, [file.pathname], { encoding: 'utf8', timeout: 60_000 })).toBe(
      printed,
    );
  });
});
