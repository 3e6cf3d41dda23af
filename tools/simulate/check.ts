/** Runs a scenario to its end and asks whether everything held. */
import { invariants } from './invariants.js';
import type { Scenario } from './scenario.js';
import { type Story, type Told, tell } from './story.js';
import { makeWorld } from './world.js';

export interface Violation {
  readonly sentence: string;
  readonly what: string;
}

export interface Verdict {
  readonly told: Told;
  readonly violation: Violation | undefined;
}

export const verdictOn = (story: Story): Verdict => {
  const told = tell(story);
  for (const { sentence, broken } of invariants) {
    const what = broken(told);
    if (what !== undefined) return { told, violation: { sentence, what } };
  }
  return { told, violation: undefined };
};

export const runScenario = (scenario: Scenario): Verdict => {
  const world = makeWorld(scenario);
  while (world.step());
  return verdictOn(world.story());
};
