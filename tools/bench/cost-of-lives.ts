/**
 * `node BUNDLE KIND`: the processor time of one life of an exec, in microseconds. Run by `bench:against`, which bundles it
 * with the sources of two commits.
 *
 * Measured in many short batches, once V8 has compiled what runs. `least` is the low quantile of the batches: other work on
 * the machine only adds to a batch, by taking the caches and by delays, so this changes little with the load. `median`
 * includes the collection of garbage, and the load.
 */
import { median, quantile } from './harness.js';
import { withKibibyte, withoutIo, withSpansAndLogs } from './kinds-of-life.js';

export interface CostOfLife {
  readonly least: number;
  readonly median: number;
}

const [warmUp, measured] = [80, 150];

const kinds: Readonly<Record<string, readonly [lives: number, work: (lives: number) => unknown]>> = {
  'no IO': [1_500, withoutIo],
  '1 KiB over pipes': [200, withKibibyte],
  'spans and logs': [150, withSpansAndLogs],
};

const [lives, work] = kinds[process.argv[2] ?? ''] ?? [];
if (lives === undefined || work === undefined) {
  console.log(JSON.stringify(Object.keys(kinds)));
} else {
  const costs: number[] = [];
  for (let batch = -warmUp; batch < measured; batch += 1) {
    const before = process.cpuUsage();
    await work(lives);
    const { user, system } = process.cpuUsage(before);
    if (batch >= 0) costs.push((user + system) / lives);
  }
  costs.sort((a, b) => a - b);
  const cost: CostOfLife = { least: quantile(costs, 0.05), median: median(costs) };
  console.log(JSON.stringify(cost));
}
