/** The simulation of a watch: that it is the same for the same seed, and that it sees what is wrong. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { corpus } from '../../../tools/simulate/corpus.js';
import { mutated } from '../../../tools/simulate/mutate.js';
import { watchMutants } from '../../../tools/simulate/watch/mutants.js';
import { generate, type WatchScenario } from '../../../tools/simulate/watch/scenario.js';
import { watches } from '../../../tools/simulate/watch/watches.js';
import { runScenario, watchInvariants } from '../../../tools/simulate/watch/world.js';

const seeds = Array.from({ length: 60 }, (_, at) => at + 1);
const kept = corpus<WatchScenario>(new URL(watches.corpus, import.meta.url).pathname);
const docs = readFileSync(new URL('../../../docs/how-we-know.md', import.meta.url), 'utf8');

describe('a seed of a watch', () => {
  it('produces the same trace each time', async () => {
    for (const seed of seeds.slice(0, 10)) {
      const [one, other] = [await runScenario(generate(seed)), await runScenario(generate(seed))];
      expect(JSON.stringify(one.log.trace)).toBe(JSON.stringify(other.log.trace));
    }
  });

  it('reports of a world in which everything holds, and in which pods end', async () => {
    let exits = 0;
    for (const seed of seeds) {
      const verdict = await runScenario(generate(seed));
      expect([seed, verdict.violation]).toEqual([seed, undefined]);
      exits += watches.countIn(verdict);
    }
    expect(exits).toBeGreaterThan(seeds.length);
  });

  it('is a scenario that can be written down and read again', () => {
    for (const seed of seeds) expect(JSON.parse(JSON.stringify(generate(seed)))).toEqual(generate(seed));
  });
});

describe('what once failed over a watch', () => {
  it.each(kept.map(({ name, found, scenario }) => [name, found, scenario] as const))(
    'holds now: %s',
    async (_, __, scenario) => {
      expect((await runScenario(scenario)).violation).toBeUndefined();
    },
  );
});

describe('a mutant of the watch', () => {
  it.each(watchMutants.map((mutant) => [mutant.name, mutant] as const))(
    'finds its place in the sources, and stands in the docs: %s',
    (name, mutant) => {
      for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
        const source = readFileSync(new URL(`../../../src/${file}`, import.meta.url), 'utf8');
        expect(mutated(mutant, file, source)).not.toBe(source);
      }
      expect(docs).toContain(`| ${name} |`);
    },
  );
});

it('what must hold over a watch stands in the docs', () => {
  for (const sentence of Object.values(watchInvariants)) expect(docs).toContain(`- ${sentence}`);
});
