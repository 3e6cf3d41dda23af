/** Every code block of the pages is run by a spec, or stands in the list with the reason why it is not; all of TypeScript compile. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { type Block, blocksOf, pages, printsItsOutput, root } from './blocks.js';
import { runElsewhere } from './run-elsewhere.js';

const blocks = pages.flatMap(blocksOf);
const code = blocks.filter(({ language }) => ['ts', 'js', 'mjs', 'sh', 'bash'].includes(language));

it('every block of code is run, or excused', () => {
  const missing = code.filter(
    (block) => !printsItsOutput(block) && !runElsewhere.some((one) => isMeant(one, block)),
  );
  expect(missing.map(({ place }) => place)).toEqual([]);
});

it.each(runElsewhere)(
  '$page with $contains is one block, and its spec is there',
  ({ spec, reason, ...one }) => {
    expect(code.filter((block) => isMeant(one, block))).toHaveLength(1);
    if (spec === undefined) expect(reason).toMatch(/\w/);
    else {
      expect(existsSync(join(root, spec))).toBe(true);
      expect(readFileSync(join(root, spec), 'utf8')).toContain(one.page);
    }
  },
);

it('a block without a language is a drawing or a signature, not code', () => {
  const others = blocks.filter(({ language }) => language === '');
  expect(
    others.filter(({ code: text }) => /\bimport\b|\bawait\b|^\$ /m.test(text)).map(({ place }) => place),
  ).toEqual([]);
});

it('every block of TypeScript compiles as it stands, without what stands around it', () => {
  const scratch = join(root, 'dist-tools');
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, 'types-'));
  try {
    const programs = blocks.filter(({ language }) => language === 'ts');
    for (const [at, block] of programs.entries())
      writeFileSync(
        join(folder, `block-${at}.mts`),
        `${block.code.replace('./sandbox/', '../../examples/sandbox/')}\nexport {};\n`,
      );
    writeFileSync(join(folder, 'child-processes.mts'), engineOf(programs));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../tsconfig.json',
        // The types that are shipped, found by the package's name; and not those of this project's sources.
        compilerOptions: { paths: {}, noUnusedLocals: false },
        include: ['.'],
      }),
    );
    const errors = typeErrors(folder).replaceAll(/block-(\d+)\.mts/g, (_, at) => programs[at]?.place ?? '');
    expect(errors).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);

const isMeant = (
  one: { readonly page: string; readonly contains: string },
  { page, code: text }: Block,
): boolean => page === one.page && text.includes(one.contains);

const engineOf = (programs: readonly Block[]): string =>
  programs.find(({ code: text }) => text.includes('export const childProcesses'))?.code ?? '';

const typeErrors = (folder: string): string => {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
      cwd: folder,
    });
    return '';
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
};
