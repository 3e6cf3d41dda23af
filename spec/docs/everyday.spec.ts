/** The table of everyday tasks: its lines are counted, and each row has its two programs. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const page = readFileSync('docs/everyday.md', 'utf8');

const rows = [...page.matchAll(/^\| \[([^\]]+)\]\(#[^)]*\) \| (\d+) \|[^|]*\| (\d+) \|/gm)].map(
  ([, title = '', rxshim, execa]) => ({ title, lines: [Number(rxshim), Number(execa)] }),
);

/** The programs below a heading, each followed by its output. */
const programsBelow = (title: string): readonly string[] => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
};

const linesOf = (code: string): number => code.split('\n').filter((line) => line.trim() !== '').length;

describe('the table of everyday tasks', () => {
  it('has fifteen rows', () => expect(rows).toHaveLength(15));

  it.each(rows)('says how many lines both programs of $title have', ({ title, lines }) => {
    expect(programsBelow(title).map(linesOf)).toEqual(lines);
  });
});
