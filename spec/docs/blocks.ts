/** The code blocks of the project's pages, with where they stand and what they print. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** All pages of the project: `README.md`, `docs/run.md` … */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .sort(),
];

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

export interface Block {
  readonly page: string;
  /** The heading above it. */
  readonly title: string;
  /** `docs/run.md:12`. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
  /** The block of `text` right below it. */
  readonly output: string | undefined;
}

const fence = /^(#+) ([^\n]*)$|^( *)```(\w*)\n([\s\S]*?)^\3```$(?:\n\n\3```text\n([\s\S]*?)^\3```$)?/gm;

/** All blocks of a page, in order. An output belongs to the block above it. */
export const blocksOf = (page: string): readonly Block[] => {
  const text = textOf(page);
  let title = page;
  return [...text.matchAll(fence)].flatMap(
    ({ 1: level, 2: heading, 4: language, 5: code, 6: output, index }) => {
      if (level !== undefined) title = heading as string;
      if (code === undefined) return [];
      const place = `${page}:${text.slice(0, index).split('\n').length}`;
      return [{ page, title, place, language: language as string, code, output }];
    },
  );
};

/** The only block of the page that contains the text. */
export const blockWith = (page: string, text: string): Block => {
  const found = blocksOf(page).filter(({ code }) => code.includes(text));
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${page} contain ${text}`);
  return found[0] as Block;
};

/** TypeScript with its output below it: these run everywhere. */
export const printsItsOutput = ({ language, output }: Block): boolean =>
  language === 'ts' && output !== undefined;
