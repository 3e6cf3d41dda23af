/**
 * `node BUNDLE KIND`: the processor time of one life of an exec, in microseconds. Run by `bench:against`, which bundles it
 * with the sources of two commits.
 */
import { withKibibyte, withoutIo, withSpansAndLogs } from './kinds-of-life.js';

const kinds: Readonly<Record<string, readonly [lives: number, work: (lives: number) => unknown]>> = {
  'no IO': [50_000, withoutIo],
  '1 KiB over pipes': [5_000, withKibibyte],
  'spans and logs': [5_000, withSpansAndLogs],
};

const [lives, work] = kinds[process.argv[2] ?? ''] ?? [];
if (lives === undefined || work === undefined) {
  console.log(JSON.stringify(Object.keys(kinds)));
} else {
  await work(lives);
  const before = process.cpuUsage();
  await work(lives);
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / lives);
}
