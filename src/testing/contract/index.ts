/**
 * The contract test kit: the behaviours that the streams expect of every engine, for any test runner.
 *
 *     engine     how to make a system of it, and which optional parts it has
 *     tests      contractTests(engine): a name, a function, and the reason for which it is skipped
 *
 * docs/engines.md shows an engine of some fifty lines under it.
 */
import { invalid } from '../../hcs/failures/errors.js';
import { adoptionBehaviours } from './adoption-behaviours.js';
import type { Behaviour } from './behaviour.js';
import { type Bench, benchFor } from './bench.js';
import type { ContractEngine } from './engine.js';
import { processBehaviours } from './process-behaviours.js';
import { stdioBehaviours } from './stdio-behaviours.js';
import { systemBehaviours } from './system-behaviours.js';

export type { ContractEngine, ContractFeature } from './engine.js';
export { type ContractProgram, nodeProgram, shellProgram } from './programs.js';

/** One test of the kit. */
export interface ContractTest {
  /** The sentence that must be true of the engine. */
  readonly name: string;
  /** Why the test is skipped: a feature that the engine lacks, or the reason that it gave. */
  readonly skip: string | undefined;
  /** Rejects if the engine does not behave so, or if anything takes longer than the engine's timeout. */
  readonly run: () => Promise<void>;
}

const behaviours = [...processBehaviours, ...stdioBehaviours, ...systemBehaviours, ...adoptionBehaviours];

/**
 * The tests of the contract for one engine. Each makes a system of its own, so they may run at the same time.
 *
 * @throws RxshimError `invalidArgument` for a skip whose name is not that of a test.
 * @example
 * import test from 'node:test';
 * for (const { name, skip, run } of contractTests(engine)) test(name, { skip }, run);
 */
export const contractTests = (engine: ContractEngine): readonly ContractTest[] => {
  const features = new Set(engine.features);
  for (const name of Object.keys(engine.skips ?? {})) {
    if (!behaviours.some((behaviour) => behaviour.name === name))
      throw invalid('skips', name, 'the name of a contract test');
  }
  return behaviours.map((behaviour) => ({
    name: behaviour.name,
    skip: engine.skips?.[behaviour.name] ?? missingFeature(behaviour, features),
    run: async () => {
      const bench = benchFor(engine);
      await releasing(bench, behaviour.test(bench, features));
    },
  }));
};

const missingFeature = ({ needs }: Behaviour, features: ReadonlySet<string>): string | undefined => {
  const missing = needs.filter((feature) => !features.has(feature));
  return missing.length === 0 ? undefined : `the engine does not offer ${missing.join(', ')}`;
};

/** The failure of the test itself is the one to report. */
const releasing = async (bench: Bench, test: Promise<void>): Promise<void> => {
  try {
    await test;
  } catch (error) {
    await bench.release().catch(() => undefined);
    throw error;
  }
  await bench.release();
};
