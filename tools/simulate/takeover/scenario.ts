/** A world of one task in which the orchestrator is killed, and a successor adopts the task. */

import { randomFrom } from '../../../src/testing/simulate/random.js';
import { generate as generateLife } from '../generate.js';
import type { Scenario } from '../scenario.js';

export interface TakeoverScenario extends Scenario {
  /** When the orchestrator is killed. */
  readonly killedAt: number;
  /** How long it takes until its successor adopts. */
  readonly away: number;
}

/** Worlds without bytes: what becomes of output is the engine's to say, in gaps. */
export const generate = (seed: number): TakeoverScenario => {
  const { unsubscribesAt: _, listens: __, ...life } = generateLife(seed);
  const random = randomFrom(seed + 0xad09);
  const killedAt = random.below(Math.max(1, life.healAt + 100));
  const early = random.chance(0.7) ? random.below(12) : killedAt;
  return { ...life, bytes: false, killedAt: early, away: random.pick([0, 0, 1, 5, 50]) };
};
