/** Compares lives, events and what was asked with what a test expects, and says where they differ. */
import { type Moment, momentsOf } from '../hcs/simulated/script.js';
import { drawLines } from './draw.js';
import type { LifeMoment } from './life.js';

/** What an expectation that does not hold throws. Any runner shows its message. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
  readonly expected: unknown;
  readonly actual: unknown;

  constructor(message: string, expected: unknown, actual: unknown) {
    super(message);
    this.expected = expected;
    this.actual = actual;
  }
}

/** What letters stand for: for `x` the exit status. */
export type LifeValues = Readonly<Record<string, number>>;

/** @throws ExpectationError unless the life is the one drawn. A digit is an exit with that status. */
export const sameLife = (
  name: string,
  actual: readonly LifeMoment[],
  marbles: string,
  values: LifeValues = {},
): void => {
  const expected = momentsOf(marbles);
  const wanted = expected.map((moment): LifeMoment => {
    const digit = /^\d$/.test(moment.letter);
    const status = digit ? Number(moment.letter) : values[moment.letter];
    return { at: moment.at, letter: digit ? 'x' : moment.letter, ...(status !== undefined && { status }) };
  });
  const same =
    actual.length === wanted.length &&
    wanted.every(({ at, letter, status }, place) => {
      const seen = actual[place];
      return seen?.at === at && seen.letter === letter && (status === undefined || status === seen.status);
    });
  if (same) return;
  throw new ExpectationError(
    `the life of ${name} is not the one expected\n\n${compared(expected, actual, wanted)}`,
    marbles,
    drawLines([actual])[0],
  );
};

const compared = (
  expected: readonly Moment[],
  actual: readonly LifeMoment[],
  wanted: readonly LifeMoment[],
): string => {
  const [above, below] = drawLines([expected, actual]);
  const told = actual.filter(({ words }) => words !== undefined);
  const lines = [
    `  expected  ${above}`,
    `  actual    ${below}`,
    ...wanted
      .filter(({ status }) => status !== undefined)
      .map(({ at, status }) => `  expected at ${at} ms: exit status ${status}`),
    ...told.map(({ at, words }) => `  actual   at ${at} ms: ${words}`),
  ];
  return lines.join('\n');
};

/** @throws ExpectationError unless the lines are the same; both are shown, and where they part. */
export const sameLines = (what: string, actual: readonly string[], expected: readonly string[]): void => {
  const length = Math.max(actual.length, expected.length);
  const rows = Array.from(
    { length },
    (_, at) => [expected[at] ?? '(nothing)', actual[at] ?? '(nothing)'] as const,
  );
  if (rows.every(([one, other]) => one === other)) return;
  const width = Math.max(8, ...rows.map(([one]) => one.length));
  const table = [['expected', 'actual'] as const, ...rows].map(
    ([one, other]) => `  ${one === other || one === 'expected' ? ' ' : '≠'} ${one.padEnd(width)}   ${other}`,
  );
  throw new ExpectationError(`${what}\n\n${table.join('\n')}`, expected, actual);
};
