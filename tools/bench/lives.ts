/** Whole lives of an exec, and how soon a wait is answered, beside the Go original with everything outside its exec faked. */
import { type Figure, makeHarness, median, perSecond, quantile } from './harness.js';
import { withKibibyte, withoutIo, withSpansAndLogs } from './kinds-of-life.js';

/** The Go figures: hcsshim v0.12.0, Go 1.27 on two processors, on a day in November 2026. */
export const lives = async (quick: boolean): Promise<Figure[]> => {
  const rounds = quick ? 1 : 7;
  const count = quick ? 2_000 : 50_000;
  return [
    ...(await life('without IO', rounds, count, withoutIo, { rate: 123_100, processor: 9.3 })),
    ...(process.platform === 'linux'
      ? await life('with 1 KiB over pipes', rounds, count / 10, withKibibyte, { rate: 16_200, processor: 48 })
      : []),
    ...(await life('with spans and logs', rounds, count / 10, withSpansAndLogs, {
      rate: 9_500,
      processor: 94,
    })),
    ...(await exitToWait('in a loop', quick ? 1_000 : 20_000, () => undefined, { median: 2.1, slow: 22 })),
    ...(await exitToWait('after 1 ms of idling', quick ? 100 : 2_000, idle, { median: 16.5, slow: 89 })),
  ];
};

const life = async (
  name: string,
  rounds: number,
  count: number,
  batch: (lives: number) => unknown,
  go: { readonly rate: number; readonly processor: number },
): Promise<Figure[]> => {
  const costs: number[] = [];
  const value = await perSecond(rounds, count, async (lives) => {
    const before = process.cpuUsage();
    await batch(lives);
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / lives);
  });
  return [
    { name: `lives ${name}`, value, unit: '/s', go: go.rate },
    {
      name: '  processor time of one',
      value: median(costs.slice(1)),
      unit: 'µs',
      go: go.processor,
      lessIsBetter: true,
    },
  ];
};

const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** From the exit reported by the engine until a function that awaits the wait goes on, as a goroutine that was parked. */
const exitToWait = async (
  name: string,
  count: number,
  before: () => Promise<void> | undefined,
  go: { readonly median: number; readonly slow: number },
): Promise<Figure[]> => {
  const harness = makeHarness();
  const times: number[] = [];
  for (let life = 0; life < count; life += 1) {
    const exec = harness.exec();
    const waited = exec.wait().then(() => process.hrtime.bigint());
    exec.start().subscribe();
    await before();
    const from = process.hrtime.bigint();
    harness.takeProcess().exit(0);
    times.push(Number((await waited) - from) / 1e3);
  }
  times.sort((a, b) => a - b);
  return [
    {
      name: `exit to wait, ${name}`,
      value: quantile(times, 0.5),
      unit: 'µs',
      go: go.median,
      lessIsBetter: true,
    },
    { name: '  99 of 100', value: quantile(times, 0.99), unit: 'µs', go: go.slow, lessIsBetter: true },
  ];
};
