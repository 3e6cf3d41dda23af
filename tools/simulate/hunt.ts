/** Puts every known defect into the engine, one at a time, and shows that the simulation sees it. */

import { readKeptSeeds, writeKeptSeeds } from './kept-seeds.js';
import type { Mutant } from './mutant.js';
import { simulationOf } from './mutate.js';
import type { Simulation } from './subject.js';

/** More worlds than this for one mutant, and it counts as not caught. */
const mostSeeds = 30_000;

/** Small worlds show as much, mostly, and are quicker to run and to make smaller: they go first. */
const fewEvents = 60;

interface Caught {
  readonly mutant: Mutant;
  readonly sentence: string;
  readonly seed: number;
  /** Virtual milliseconds up to the last thing that happened in the trace. */
  readonly ms: number;
  readonly steps: number;
}

export interface Hunt {
  readonly mutants: readonly Mutant[];
  /** The module below tools/simulate that offers the simulation. */
  readonly bundle: string;
  /** Those whose names hold this text. */
  readonly only?: string | undefined;
  /** Is given the table when all were caught; only then is each world made smaller first, which takes time. */
  readonly write?: ((table: string) => void) | undefined;
}

/** Says whether all were caught, and prints the table. */
export const huntMutants = async ({ mutants, bundle, only = '', write }: Hunt): Promise<boolean> => {
  const among = mutants.filter(({ name }) => name.includes(only));
  const table: string[] = [];
  const print = (row: string): void => {
    table.push(row);
    console.log(row);
  };
  const keptSeeds = readKeptSeeds(bundle);
  const seeds: Record<string, number> = {};
  const unmutated = await simulationOf({ name: 'none', seen: '', edits: [] }, among.length, bundle);
  let missed = 0;
  print('| defect put in | seen in the wild | what does not hold then | seed | ms | steps |');
  print('|---|---|---|---|---|---|');
  for (const [number, mutant] of among.entries()) {
    const simulation = await simulationOf(mutant, number, bundle);
    const options = { unmutated, keptSeed: keptSeeds[mutant.name], minimising: write !== undefined };
    const caught = await hunt(simulation, mutant, options);
    if (caught === undefined) missed += 1;
    else seeds[mutant.name] = caught.seed;
    print(caught === undefined ? `| ${mutant.name} | ${mutant.seen} | NOT CAUGHT | | | |` : rowOf(caught));
  }
  console.log(`\n${among.length - missed} of ${among.length} mutants caught`);
  if (missed === 0 && write !== undefined) {
    write(table.join('\n'));
    const names = new Set(mutants.map(({ name }) => name));
    const kept = Object.entries({ ...keptSeeds, ...seeds }).filter(([name]) => names.has(name));
    writeKeptSeeds(bundle, Object.fromEntries(kept));
  }
  return missed === 0;
};

interface HuntOptions {
  readonly unmutated: Simulation;
  readonly keptSeed: number | undefined;
  readonly minimising: boolean;
}

/** A world that is broken without the mutant as well shows nothing: it is named and passed over. */
const hunt = async (
  { generate, runScenario, minimise }: Simulation,
  mutant: Mutant,
  { unmutated, keptSeed, minimising }: HuntOptions,
): Promise<Caught | undefined> => {
  for (const { seed, events } of candidates(keptSeed)) {
    const scenario = generate(seed);
    if (scenario.events.length > events) continue;
    if ((await runScenario(scenario)).violation === undefined) continue;
    const { violation: unexpected } = await unmutated.runScenario(scenario);
    if (unexpected !== undefined) {
      console.error(`seed ${seed} is broken without a mutant as well: ${unexpected.sentence}`);
      continue;
    }
    const smaller = minimising ? await minimise(scenario) : scenario;
    const { log, violation } = await runScenario(smaller);
    const { trace } = log;
    return {
      mutant,
      sentence: violation?.sentence ?? '',
      seed,
      ms: trace.at(-1)?.at ?? 0,
      steps: trace.length,
    };
  }
  return undefined;
};

/** The seeds to try: the one that caught this mutant last time, then the small worlds, then all. */
function* candidates(keptSeed: number | undefined) {
  if (keptSeed !== undefined) yield { seed: keptSeed, events: Number.POSITIVE_INFINITY };
  for (const events of [fewEvents, Number.POSITIVE_INFINITY])
    for (let seed = 1; seed <= mostSeeds; seed += 1) yield { seed, events };
}

const rowOf = ({ mutant, sentence, seed, ms, steps }: Caught): string =>
  `| ${mutant.name} | ${mutant.seen} | ${sentence} | ${seed} | ${ms} | ${steps} |`;
