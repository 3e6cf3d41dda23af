/** Many worlds, one after the other, up to the first in which something does not hold. */
import { runScenario } from './check.js';
import { generate } from './generate.js';
import { minimise } from './minimise.js';
import { report } from './report.js';

export interface SeedsAsked {
  readonly seeds: number;
  readonly from: number;
  readonly minimising: boolean;
}

const everyMs = 10_000;

/** Says whether everything held. */
export const runSeeds = async ({ seeds, from, minimising }: SeedsAsked): Promise<boolean> => {
  const began = performance.now();
  const busy = process.cpuUsage();
  let execs = 0;
  let tasks = 0;
  let said = began;
  const tell = (): void => {
    const seconds = (performance.now() - began) / 1_000;
    const { user, system } = process.cpuUsage(busy);
    const rate = (time: number): string => Math.round(execs / time).toLocaleString('en');
    console.log(
      `${tasks.toLocaleString('en')} tasks with ${execs.toLocaleString('en')} whole execs, seeds ${from} to ${from + tasks - 1}: ` +
        `no violation in ${seconds.toFixed(1)} s, ${rate(seconds)} execs a second (${rate((user + system) / 1e6)} for each second of processor time)`,
    );
  };
  for (let seed = from; seed < from + seeds; seed += 1) {
    const scenario = generate(seed);
    const verdict = await runScenario(scenario);
    if (verdict.violation !== undefined) {
      report(verdict, scenario);
      if (minimising) {
        const smaller = await minimise(scenario);
        console.log(`\nminimised from ${scenario.events.length} to ${smaller.events.length} events:\n`);
        report(await runScenario(smaller), smaller);
        console.log(`\nfor the corpus:\n${JSON.stringify(smaller)}`);
      }
      console.log(`\nto see it again: npm run simulate -- --seed ${seed}${minimising ? '' : ' --minimise'}`);
      return false;
    }
    tasks += 1;
    execs += verdict.told.execs.filter(({ released }) => released !== undefined).length;
    if (seeds === 1) report(verdict, scenario);
    const now = performance.now();
    if (now - said > everyMs) {
      said = now;
      tell();
    }
  }
  tell();
  return true;
};
