/**
 * The diff of two lists: common items, missing items and unexpected items.
 */

export interface Row<T> {
  readonly kind: 'same' | 'expected' | 'actual';
  readonly item: T;
}

/** Above this number of comparisons the lists are shown one after the other. */
const maxComparisons = 4_000_000;

export const differences = <T>(
  expected: readonly T[],
  actual: readonly T[],
  same: (one: T, other: T) => boolean = Object.is,
): readonly Row<T>[] => {
  const least = Math.min(expected.length, actual.length);
  let head = 0;
  while (head < least && same(expected[head] as T, actual[head] as T)) head += 1;
  let tail = 0;
  while (tail < least - head && same(expected.at(-1 - tail) as T, actual.at(-1 - tail) as T)) tail += 1;
  const middle = parted(
    expected.slice(head, expected.length - tail),
    actual.slice(head, actual.length - tail),
    same,
  );
  return [
    ...rows('same', actual.slice(0, head)),
    ...middle,
    ...rows('same', actual.slice(actual.length - tail)),
  ];
};

/** Keeps the longest common subsequence. */
const parted = <T>(
  expected: readonly T[],
  actual: readonly T[],
  same: (one: T, other: T) => boolean,
): readonly Row<T>[] => {
  if (expected.length * actual.length > maxComparisons)
    return [...rows('expected', expected), ...rows('actual', actual)];
  const equal = (one: number, other: number): boolean => same(expected[one] as T, actual[other] as T);
  // common[one][other]: the length of the common subsequence from there on.
  const common = Array.from({ length: expected.length + 1 }, () => new Uint32Array(actual.length + 1));
  const at = (one: number, other: number): number => common[one]?.[other] ?? 0;
  for (let one = expected.length - 1; one >= 0; one -= 1) {
    for (let other = actual.length - 1; other >= 0; other -= 1) {
      (common[one] as Uint32Array)[other] = equal(one, other)
        ? at(one + 1, other + 1) + 1
        : Math.max(at(one + 1, other), at(one, other + 1));
    }
  }
  const rowsSoFar: Row<T>[] = [];
  let one = 0;
  let other = 0;
  while (one < expected.length && other < actual.length) {
    if (equal(one, other)) {
      rowsSoFar.push({ kind: 'same', item: actual[other] as T });
      one += 1;
      other += 1;
    } else if (at(one + 1, other) >= at(one, other + 1)) {
      rowsSoFar.push({ kind: 'expected', item: expected[one] as T });
      one += 1;
    } else {
      rowsSoFar.push({ kind: 'actual', item: actual[other] as T });
      other += 1;
    }
  }
  return [...rowsSoFar, ...rows('expected', expected.slice(one)), ...rows('actual', actual.slice(other))];
};

const rows = <T>(kind: Row<T>['kind'], items: readonly T[]): readonly Row<T>[] =>
  items.map((item) => ({ kind, item }));
