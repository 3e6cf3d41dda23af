/**
 * Contenders measured beside each other: in each round every one of them has its turn, in an order that moves on from
 * round to round, and the median of the rounds is what counts. So a machine whose speed drifts, or that is busy, is
 * equally slow for all; how much processor time this program itself used tells what the machine's load does not change.
 */
import { quantile } from './harness.js';

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly lessIsBetter?: boolean;
  /** Each does the same work once and returns its figure. The first is rxshim. */
  readonly contenders: Readonly<Record<string, () => Promise<number>>>;
}

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly results: readonly Result[];
}

export interface Result {
  readonly contender: string;
  /** The median of the rounds, and the least and the greatest of them. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** What one turn cost this program, in milliseconds of processor time: the median. */
  readonly processor: number;
}

export const sideBySide = async (rows: readonly Row[], rounds: number): Promise<Comparison[]> => {
  const seen = new Map<Row, Map<string, Turn[]>>(
    rows.map((row) => [row, new Map(Object.keys(row.contenders).map((name) => [name, []]))]),
  );
  // The first round warms up.
  for (let round = -1; round < rounds; round += 1) {
    for (const row of rows) {
      const contenders = Object.entries(row.contenders);
      for (let turn = 0; turn < contenders.length; turn += 1) {
        const [name, work] = contenders[(turn + round + 1) % contenders.length]!;
        globalThis.gc?.();
        const before = process.cpuUsage();
        const value = await work();
        const { user, system } = process.cpuUsage(before);
        if (round >= 0)
          seen
            .get(row)!
            .get(name)!
            .push({ value, processor: (user + system) / 1e3 });
      }
    }
  }
  return rows.map((row) => ({
    name: row.name,
    unit: row.unit,
    lessIsBetter: row.lessIsBetter === true,
    results: [...seen.get(row)!].map(([contender, turns]) => resultOf(contender, turns)),
  }));
};

interface Turn {
  readonly value: number;
  readonly processor: number;
}

const resultOf = (contender: string, turns: readonly Turn[]): Result => {
  const values = turns.map(({ value }) => value).sort((a, b) => a - b);
  const processor = turns.map((turn) => turn.processor).sort((a, b) => a - b);
  return {
    contender,
    median: quantile(values, 0.5),
    least: values[0]!,
    most: values.at(-1)!,
    processor: quantile(processor, 0.5),
  };
};

/** How many times as good the first contender is as this one. */
export const timesAsGood = ({ results, lessIsBetter }: Comparison, { median }: Result): number => {
  const own = results[0]!.median;
  return lessIsBetter ? median / own : own / median;
};
