/**
 * Compares lives with the expected ones, and describes the differences.
 */
import { invalid } from '../../hcs/failures/errors.js';
import { momentsOf } from '../../hcs/simulated/script.js';
import { compare, type Drawing, pasteable, type Worded } from '../marbles/compare.js';
import { drawLines } from '../marbles/draw.js';
import { type Letters, lettersFor } from '../marbles/letters.js';
import type { LifeMoment } from '../marbles/life.js';
import type { Difference } from './error.js';

/** The meaning of letters: exit statuses, `{ x: 143 }`. */
export type LifeValues = Readonly<Record<string, number>>;

/** Parses an expected life. @throws RxshimError `invalidArgument` for unknown letters. */
export const readLife = (marbles: string, values: LifeValues, field: string): readonly LifeMoment[] =>
  momentsOf(marbles, field).map(({ at, letter }) => {
    if (letter === 'c' || letter === 'r' || letter === '|') return { at, kind: letter };
    const status = /^\d$/.test(letter)
      ? Number(letter)
      : (values[letter] ?? (letter === 'x' ? 0 : undefined));
    if (status === undefined)
      throw invalid(field, marbles, `c, r, x, digits, '|', or letters with a value, not '${letter}'`);
    return { at, kind: 'x', status };
  });

/** @throws RxshimError `invalidArgument` unless the values are exit statuses. */
export const readValues = (values: LifeValues = {}): LifeValues => {
  if (typeof values !== 'object' || values === null)
    throw invalid('values', values, 'exit statuses by letter');
  for (const [letter, status] of Object.entries(values)) {
    const field = `values.${letter}`;
    if (letter.length !== 1 || /[cr|#()@\d -]/.test(letter))
      throw invalid(field, status, 'a status for a letter that means nothing else');
    if (typeof status !== 'number' || status >>> 0 !== status) throw invalid(field, status, 'an exit status');
  }
  return values;
};

/** Digits stand for themselves. */
export const statusLetters = (values: LifeValues): Letters<number> => {
  const letters = lettersFor(values, Object.is, String);
  return { ...letters, of: (status) => (status <= 9 ? String(status) : letters.of(status)) };
};

/** How a life differs from the expected one. */
export const compareLife = (
  expected: readonly LifeMoment[],
  actual: readonly LifeMoment[],
  letters: Letters<number>,
): Drawing | undefined =>
  compare(
    { expected, actual },
    (one, other) => one.at === other.at && one.kind === other.kind && one.status === other.status,
    (moment) => worded(moment, letters),
    letters.beside,
  );

export const sameLife = (
  id: string,
  expected: readonly LifeMoment[],
  actual: readonly LifeMoment[],
  values: LifeValues,
): Difference | undefined => {
  const drawing = compareLife(expected, actual, statusLetters(values));
  return drawing && { ...drawing, message: `the life of '${id}' is not the one expected\n\n${drawing.text}` };
};

type Lives = ReadonlyMap<string, readonly LifeMoment[]>;

/** All lives that differ. */
export const sameLives = (expected: Lives, actual: Lives, values: LifeValues): Difference | undefined => {
  const letters = statusLetters(values);
  const draw = (life: readonly LifeMoment[]): string =>
    pasteable(drawLines([life.map((moment) => worded(moment, letters))])[0] as string, letters.beside);
  const differences = [...new Set([...expected.keys(), ...actual.keys()])].flatMap(
    (id): readonly LifeDifference[] => {
      const wanted = expected.get(id);
      const seen = actual.get(id);
      if (wanted === undefined) {
        const drawn = draw(seen ?? []);
        return [{ id, actual: drawn, message: `'${id}' was not expected\n\n  actual    ${drawn}` }];
      }
      if (seen === undefined) {
        const drawn = draw(wanted);
        return [{ id, expected: drawn, message: `'${id}' was not there\n\n  expected  ${drawn}` }];
      }
      const drawing = compareLife(wanted, seen, letters);
      if (drawing === undefined) return [];
      const message = `the life of '${id}' is not the one expected\n\n${drawing.text}`;
      return [{ id, expected: drawing.expected, actual: drawing.actual, message }];
    },
  );
  if (differences.length === 0) return undefined;
  const side = (of: 'expected' | 'actual') =>
    Object.fromEntries(differences.flatMap((life) => (life[of] === undefined ? [] : [[life.id, life[of]]])));
  return {
    message: differences.map(({ message }) => message).join('\n\n'),
    expected: side('expected'),
    actual: side('actual'),
  };
};

interface LifeDifference {
  readonly id: string;
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
}

const defaultWords = { c: 'created', r: 'running', '|': 'released' };

const worded = ({ at, kind, status = 0, words }: LifeMoment, letters: Letters<number>): Worded =>
  kind === 'x'
    ? { at, letter: letters.of(status), words: words ?? `exit status ${status}` }
    : { at, letter: kind, words: words ?? defaultWords[kind] };
