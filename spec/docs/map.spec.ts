/** The maps of the project name files that are there, and the words of the project's rules. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pages, root, textOf } from './blocks.js';

describe.each(pages)('%s', (page) => {
  it('links to pages that are there', () => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(
      ([, link]) => link as string,
    );
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });
});

/** Every file of the checkout, and every folder above one. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => existsSync(join(root, file)));
const known = new Set(files.flatMap((file) => [file, ...foldersAbove(file)]));

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
}

/** The paths in the code spans of a page. */
const pathsIn = (page: string): string[] =>
  [...textOf(page).matchAll(/`([^`\n]+)`/g)]
    .flatMap(([, span]) => (span as string).split(/[\s,:]+/))
    .filter((word) => /^(src|spec|tools|docs|scripts|examples|\.ci)\/[\w./-]+$/.test(word))
    // Names that stand for any.
    .filter((word) => !/\/[A-Z]+$/.test(word))
    .map((word) => word.replace(/\/$/, ''));

/** Names of source files, which the pages may give without their folders. */
const filesIn = (page: string): string[] =>
  [...textOf(page).matchAll(/`([\w-]+(?:\/[\w.-]+)*\.(?:ts|c|h|mjs))`/g)].map(([, name]) => name as string);

describe.each(pages)('%s', (page) => {
  it('names files and folders that are there', () => {
    expect(pathsIn(page).filter((path) => !known.has(path) && !globbed(path))).toEqual([]);
    const missing = filesIn(page).filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)));
    expect(missing).toEqual([]);
  });
});

/** A spec may be named as jest takes it: by the beginning of its path. */
const globbed = (path: string): boolean =>
  path.startsWith('spec/') && files.some((file) => file.startsWith(path));

it.each(['docs/architecture.md', 'CONTRIBUTING.md'])('%s names every folder of the second level', (page) => {
  const text = textOf(page);
  const folders = [...known].filter((path) => /^src\/[^/]+$/.test(path) && !path.endsWith('.ts'));
  expect(folders.filter((folder) => !text.includes(`\`${folder}`))).toEqual([]);
});

it('docs/architecture.md names every folder of src/hcs', () => {
  const text = textOf('docs/architecture.md');
  const folders = [...known].filter((path) => /^src\/hcs\/[^/]+$/.test(path));
  expect(folders.filter((folder) => !text.includes(`\`${folder}\``))).toEqual([]);
});

it.each(pages)('the scripts that %s names are there', (page) => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const named = [...textOf(page).matchAll(/npm run (?:-s |--silent )?([\w:]+)/g)].map(
    ([, name]) => name as string,
  );
  // `npm run watch` is a script of the reader.
  expect(named.filter((name) => name !== 'watch' && !(name in scripts))).toEqual([]);
});
