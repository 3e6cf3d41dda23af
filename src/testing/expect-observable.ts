/**
 * Compares the emissions of an Observable with marbles, like the test schedulers of rxjs.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import type { Observable } from 'rxjs';
import { exact, momentsOf } from '../hcs/simulated/script.js';
import { compare, type Worded } from './compare.js';
import type { Difference } from './expectation-error.js';
import { lettersFor } from './letters.js';

/** A notification and its time. */
export interface Told {
  readonly at: number;
  readonly kind: 'next' | 'error' | 'complete';
  readonly value?: unknown;
}

/** The meaning of letters; for `#` the error. */
export type ObservableValues = Readonly<Record<string, unknown>>;

/** Matches any error. */
const anything = Symbol('anything');

/** Subscribes now. The list grows with each notification. */
export const toldBy = (source$: Observable<unknown>, now: () => number): readonly Told[] => {
  const told: Told[] = [];
  const tell = (kind: Told['kind'], value?: unknown): void =>
    void told.push({ at: exact(now()), kind, value });
  source$.subscribe({
    next: (value) => tell('next', value),
    error: (error) => tell('error', error),
    complete: () => tell('complete'),
  });
  return told;
};

/** A letter without a value stands for itself. */
export const readTold = (marbles: string, values: ObservableValues): readonly Told[] =>
  momentsOf(marbles, 'marbles').map(({ at, letter }) => {
    if (letter === '|') return { at, kind: 'complete' };
    const given = Object.hasOwn(values, letter);
    if (letter === '#') return { at, kind: 'error', value: given ? values[letter] : anything };
    return { at, kind: 'next', value: given ? values[letter] : letter };
  });

export const sameTold = (
  expected: readonly Told[],
  actual: readonly Told[],
  values: ObservableValues,
): Difference | undefined => {
  const { '#': _error, ...known } = { ...ownLetters([...expected, ...actual]), ...values };
  const letters = lettersFor(known, isDeepStrictEqual, show);
  const letterOf = ({ kind, value }: Told): string => {
    if (kind === 'complete') return '|';
    return kind === 'error' ? '#' : letters.of(value);
  };
  const worded = (told: Told): Worded => ({ at: told.at, letter: letterOf(told), words: wordsFor(told) });
  const same = (one: Told, other: Told): boolean =>
    one.at === other.at &&
    one.kind === other.kind &&
    (one.value === anything || other.value === anything || isDeepStrictEqual(one.value, other.value));
  const drawing = compare({ expected, actual }, same, worded, letters.beside);
  return drawing && { ...drawing, message: `the Observable emitted something else\n\n${drawing.text}` };
};

/** Letters stand for themselves unless they have a value. */
const ownLetters = (told: readonly Told[]): ObservableValues =>
  Object.fromEntries(
    told.flatMap(({ kind, value }) => (kind === 'next' && isLetter(value) ? [[value, value]] : [])),
  );

/** Characters without another meaning. */
const isLetter = (value: unknown): value is string =>
  typeof value === 'string' && value.length === 1 && !/[|#()@ -]/.test(value);

const wordsFor = ({ kind, value }: Told): string => {
  if (kind === 'complete') return 'completed';
  if (kind === 'error') return value === anything ? 'an error' : `failed with ${brief(value)}`;
  return show(value);
};

const show = (value: unknown): string => inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
const brief = (value: unknown): string => (value instanceof Error ? String(value) : show(value));
