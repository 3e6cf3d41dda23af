/** One figure of each contender, in their order; `undefined` where it has none. The last ones may be missing. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly (number | undefined)[];
  readonly moreIsBetter?: boolean;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
};

/** Milliseconds that something takes. */
export const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const from = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - from) / 1e6;
};

/** Lets everybody do it in turn, so many rounds, after one that does not count: the median of each. */
export const interleaved = async <T>(
  contenders: readonly T[],
  rounds: number,
  measure: (contender: T, round: number) => Promise<number>,
): Promise<number[]> => {
  const seen = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1)
    for (const [index, contender] of contenders.entries()) {
      const value = await measure(contender, round);
      if (round >= 0) seen[index]?.push(value);
    }
  return seen.map(median);
};
