/** One behaviour of the contract: its name is the sentence that must be true of an engine. */
import type { Bench } from './bench.js';
import type { ContractFeature } from './engine.js';

export interface Behaviour {
  readonly name: string;
  /** Features without which the test is skipped. */
  readonly needs: readonly ContractFeature[];
  readonly test: (bench: Bench, features: ReadonlySet<ContractFeature>) => Promise<void>;
}

export const behaviour = (
  name: string,
  test: Behaviour['test'],
  ...needs: readonly ContractFeature[]
): Behaviour => ({ name, needs, test });
