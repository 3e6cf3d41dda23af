/** Many worlds, one after the other, up to the first in which something does not hold. */
import type { Judged, Sized, Subject } from './subject.js';

export interface SeedsAsked {
  readonly seeds: number;
  readonly from: number;
  readonly minimising: boolean;
}

const everyMs = 10_000;

/** Says whether everything held. */
export const runSeeds = async <S extends Sized, J extends Judged>(
  subject: Subject<S, J>,
  { seeds, from, minimising }: SeedsAsked,
): Promise<boolean> => {
  const { option, words, generate, runScenario, minimise, report, countIn } = subject;
  const began = performance.now();
  const busy = process.cpuUsage();
  let counted = 0;
  let worlds = 0;
  let said = began;
  const summarise = (): void => {
    const seconds = (performance.now() - began) / 1_000;
    const { user, system } = process.cpuUsage(busy);
    const rate = (time: number): string => Math.round(counted / time).toLocaleString('en');
    console.log(
      `${worlds.toLocaleString('en')} ${words.worlds} with ${counted.toLocaleString('en')} ${words.counted}, seeds ${from} to ${from + worlds - 1}: ` +
        `no violation in ${seconds.toFixed(1)} s, ${rate(seconds)} ${words.rate} a second (${rate((user + system) / 1e6)} for each second of processor time)`,
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
      console.log(
        `\nto see it again: npm run simulate -- ${option}--seed ${seed}${minimising ? '' : ' --minimise'}`,
      );
      return false;
    }
    worlds += 1;
    counted += countIn(verdict);
    if (seeds === 1) report(verdict, scenario);
    const now = performance.now();
    if (now - said > everyMs) {
      said = now;
      summarise();
    }
  }
  summarise();
  return true;
};
