/** Compares two lines of marbles, and tells in words where they part: lives, and what an Observable emits. */
import type { Moment } from '../hcs/simulated/script.js';
import { differences } from './differences.js';
import { drawLines } from './draw.js';

/** A moment, and what it is in words. */
export interface Worded extends Moment {
  readonly words: string;
}

/** What both lines are drawn with. */
export interface Drawing {
  readonly expected: string;
  readonly actual: string;
  /** Both on one axis, and each moment in which they part; indented. */
  readonly text: string;
}

export interface Side<T> {
  readonly expected: readonly T[];
  readonly actual: readonly T[];
}

/** More moments in which they part are counted. */
const mostTold = 12;

/** The drawing of two lines that differ; nothing for those that do not. */
export const compare = <T>(
  { expected, actual }: Side<T>,
  same: (expected: T, actual: T) => boolean,
  worded: (item: T, side: keyof Side<T>) => Worded,
  beside: (drawn: string) => string,
): Drawing | undefined => {
  const parting = differences(expected, actual, same).filter(({ kind }) => kind !== 'same');
  if (parting.length === 0) return undefined;
  const lines = [
    expected.map((item) => worded(item, 'expected')),
    actual.map((item) => worded(item, 'actual')),
  ];
  const [above, below] = drawLines(lines) as [string, string];
  const width = Math.max(above.length, below.length);
  const line = (drawn: string): string => `${drawn.padEnd(width)}   ${beside(drawn)}`.trimEnd();
  const where = (side: keyof Side<T>): readonly string[] => {
    const instants = new Map<number, string[]>();
    for (const { kind, item } of parting) {
      if (kind !== side) continue;
      const { at, words } = worded(item, side);
      instants.set(at, [...(instants.get(at) ?? []), words]);
    }
    const told = [...instants].map(([at, words]) => `  ${side.padEnd(8)} at ${at} ms: ${words.join(', ')}`);
    if (told.length <= mostTold) return told;
    return [...told.slice(0, mostTold), `  ${side.padEnd(8)} and at ${told.length - mostTold} more moments`];
  };
  const text = [
    `  expected  ${line(above)}`,
    `  actual    ${line(below)}`,
    ...where('expected'),
    ...where('actual'),
  ].join('\n');
  return { expected: pasteable(above, beside), actual: pasteable(below, beside), text };
};

/** A line as it can be given to `toBe`. */
export const pasteable = (drawn: string, beside: (drawn: string) => string): string =>
  `${drawn}   ${beside(drawn)}`.trimEnd();
