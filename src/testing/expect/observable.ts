/**
 * Compares the emissions of an Observable with marbles, like the test schedulers of rxjs.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Observable } from 'rxjs';
import { exact, momentsOf } from '../../hcs/simulated/script.js';
import { compare, type Worded } from '../marbles/compare.js';
import { lettersFor } from '../marbles/letters.js';
import type { Difference } from './error.js';

/** A notification and its time. */
export interface Emission {
  readonly at: number;
  readonly kind: 'next' | 'error' | 'complete';
  readonly value?: unknown;
}

/** The meaning of letters; for `#` the error. */
export type ObservableValues = Readonly<Record<string, unknown>>;

/** Matches any error. */
const anything = Symbol('anything');

/** Subscribes now. The list grows with each notification. */
export const emissionsOf = (source$: Observable<unknown>, now: () => number): readonly Emission[] => {
  const emissions: Emission[] = [];
  const add = (kind: Emission['kind'], value?: unknown): void =>
    void emissions.push({ at: exact(now()), kind, value });
  source$.subscribe({
    next: (value) => add('next', value),
    error: (error) => add('error', error),
    complete: () => add('complete'),
  });
  return emissions;
};

/** A letter without a value stands for itself. */
export const parseEmissions = (marbles: string, values: ObservableValues): readonly Emission[] =>
  momentsOf(marbles, 'marbles').map(({ at, letter }) => {
    if (letter === '|') return { at, kind: 'complete' };
    const given = Object.hasOwn(values, letter);
    if (letter === '#') return { at, kind: 'error', value: given ? values[letter] : anything };
    return { at, kind: 'next', value: given ? values[letter] : letter };
  });

export const compareEmissions = (
  expected: readonly Emission[],
  actual: readonly Emission[],
  values: ObservableValues,
): Difference | undefined => {
  const { '#': _error, ...known } = { ...ownLetters([...expected, ...actual]), ...values };
  const letters = lettersFor(known, isDeepStrictEqual, show);
  const letterOf = ({ kind, value }: Emission): string => {
    if (kind === 'complete') return '|';
    return kind === 'error' ? '#' : letters.of(value);
  };
  const worded = (emission: Emission): Worded => ({
    at: emission.at,
    letter: letterOf(emission),
    words: wordsFor(emission),
  });
  const same = (one: Emission, other: Emission): boolean =>
    one.at === other.at &&
    one.kind === other.kind &&
    (one.value === anything || other.value === anything || isDeepStrictEqual(one.value, other.value));
  const drawing = compare({ expected, actual }, same, worded, letters.beside);
  return drawing && { ...drawing, message: `the Observable emitted something else\n\n${drawing.text}` };
};

/** Letters stand for themselves unless they have a value. */
const ownLetters = (emissions: readonly Emission[]): ObservableValues =>
  Object.fromEntries(
    emissions.flatMap(({ kind, value }) => (kind === 'next' && isLetter(value) ? [[value, value]] : [])),
  );

/** Characters without another meaning. */
const isLetter = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 1 && !/[|#()@ -]/.test(value);

const wordsFor = ({ kind, value }: Emission): string => {
  if (kind === 'complete') return 'completed';
  if (kind === 'error') return value === anything ? 'an error' : `failed with ${brief(value)}`;
  return show(value);
};

const show = (value: unknown): string => inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
const brief = (value: unknown): string => (value instanceof Error ? String(value) : show(value));
