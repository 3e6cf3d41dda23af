/** The maps of the project name files that are there, and the words of the project's rules. */
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

describe.each(['docs/architecture.md', 'CONTRIBUTING.md'])('%s', (page) => {
  it('names files and folders that are there', () => {
    const paths = [...textOf(page).matchAll(/`((?:src|spec|tools|docs|scripts)\/[\w./-]+)`/g)].map(
      ([, path]) => path as string,
    );
    const isExample = (path: string): boolean => /^(src|spec)\/a\/|ENGINE/.test(path);
    expect(paths.filter((path) => !isExample(path) && !existsSync(join(root, path)))).toEqual([]);
  });
});

it.each(pages)('the scripts that %s names are there', (page) => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  const named = [...textOf(page).matchAll(/npm run (?:-s |--silent )?([\w:]+)/g)].map(
    ([, name]) => name as string,
  );
  // `npm run watch` is a script of the reader.
  expect(named.filter((name) => name !== 'watch' && !(name in scripts))).toEqual([]);
});
