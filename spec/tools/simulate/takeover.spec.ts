/** The simulation of adoption: that it is the same for the same seed, that it sees what is wrong, and what it found. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { corpus } from '../../../tools/simulate/corpus.js';
import { mutated } from '../../../tools/simulate/mutate.js';
import { takeoverMutants } from '../../../tools/simulate/takeover/mutants.js';
import { generate, type TakeoverScenario } from '../../../tools/simulate/takeover/scenario.js';
import { takeovers } from '../../../tools/simulate/takeover/takeovers.js';
import { runScenario } from '../../../tools/simulate/takeover/world.js';

const seeds = Array.from({ length: 30 }, (_, at) => at + 1);
const verdicts = seeds.map((seed) => runScenario(generate(seed)));
const kept = corpus<TakeoverScenario>(new URL(takeovers.corpus, import.meta.url).pathname);

describe('a seed of a take-over', () => {
  it('produces the same trace each time', () => {
    for (const seed of seeds.slice(0, 8)) {
      const [one, other] = [runScenario(generate(seed)), runScenario(generate(seed))];
      expect(JSON.stringify(one.log.trace)).toBe(JSON.stringify(other.log.trace));
    }
  });

  it('reports of a world in which everything holds', () => {
    for (const [at, { violation }] of verdicts.entries())
      expect([seeds[at], violation]).toEqual([seeds[at], undefined]);
  });

  it('adopts a task in most worlds, also one with execs', () => {
    const adopted = verdicts.map(takeovers.countIn);
    expect(adopted.filter((count) => count > 0).length).toBeGreaterThan(seeds.length / 2);
    expect(Math.max(...adopted)).toBeGreaterThan(1);
  });

  it('is a scenario that can be written down and read again', () => {
    for (const seed of seeds) expect(JSON.parse(JSON.stringify(generate(seed)))).toEqual(generate(seed));
  });
});

describe('what once failed in a take-over', () => {
  it('is kept: at least the smallest world of each mutant', () => {
    expect(kept.length).toBeGreaterThanOrEqual(takeoverMutants.length);
  });

  it.each(kept.map(({ name, found, scenario }) => [name, found, scenario] as const))(
    'holds now: %s',
    (_, __, scenario) => {
      expect(runScenario(scenario).violation).toBeUndefined();
    },
  );
});

describe('a mutant of the take-over', () => {
  it.each(takeoverMutants.map((mutant) => [mutant.name, mutant] as const))(
    'finds its place in the sources, and stands in the docs: %s',
    (name, mutant) => {
      for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
        const source = readFileSync(new URL(`../../../src/${file}`, import.meta.url), 'utf8');
        expect(mutated(mutant, file, source)).not.toBe(source);
      }
      const docs = readFileSync(new URL('../../../docs/how-we-know.md', import.meta.url), 'utf8');
      expect(docs).toContain(`| ${name} | ${mutant.seen} |`);
    },
  );
});
