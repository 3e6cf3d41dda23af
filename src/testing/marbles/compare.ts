/**
 * Compares two lines of marbles, of lives or of an Observable, and describes their differences.
 */
import type { Moment } from '../../hcs/simulated/script.js';
import { differences } from './differences.js';
import { drawLines } from './draw.js';

/** A moment and its description. */
export interface Worded extends Moment {
  readonly words: string;
}

/** How both lines are drawn. */
export interface Drawing {
  readonly expected: string;
  readonly actual: string;
  /** Both lines on one axis, and each moment that differs; indented. */
  readonly text: string;
}

export interface Side<T> {
  readonly expected: readonly T[];
  readonly actual: readonly T[];
}

/** Further differing moments are only counted. */
const maxListed = 12;

/** The drawing of two lines that differ. `undefined` for equal ones. */
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
    const listed = [...instants].map(([at, words]) => `  ${side.padEnd(8)} at ${at} ms: ${words.join(', ')}`);
    if (listed.length <= maxListed) return listed;
    return [
      ...listed.slice(0, maxListed),
      `  ${side.padEnd(8)} and at ${listed.length - maxListed} more moments`,
    ];
  };
  const text = [
    `  expected  ${line(above)}`,
    `  actual    ${line(below)}`,
    ...where('expected'),
    ...where('actual'),
  ].join('\n');
  return { expected: pasteable(above, beside), actual: pasteable(below, beside), text };
};

/** A line that can be passed to `toBe`. */
export const pasteable = (drawn: string, beside: (drawn: string) => string): string =>
  `${drawn}   ${beside(drawn)}`.trimEnd();
