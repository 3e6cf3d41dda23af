/**
 * Runs the contract tests of an engine under jest. A test that the engine is excused from must fail: an excuse that is no
 * longer needed fails the spec.
 */
import { it } from '@jest/globals';
import { type ContractEngine, contractTests } from '../../src/testing/contract/index.js';

export const contractUnderJest = (engine: ContractEngine): void => {
  for (const { name, skip, run } of contractTests(engine)) {
    if (skip === undefined) it(name, run);
    else if (engine.skips?.[name] === undefined) it.skip(`${name} (${skip})`, run);
  }
  // What never comes need not be waited for as long as what is only slow.
  for (const { name, skip, run } of contractTests({ ...engine, timeout: 2_000 })) {
    if (engine.skips?.[name] !== undefined) it.failing(`${name} (excused: ${skip})`, run);
  }
};
