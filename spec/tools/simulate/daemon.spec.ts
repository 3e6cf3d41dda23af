/** The simulation of the daemon: that it is the same for the same seed, that it sees what is wrong, and what it found. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { corpus } from '../../../tools/simulate/corpus.js';
import { runScenario } from '../../../tools/simulate/daemon/check.js';
import { generate } from '../../../tools/simulate/daemon/generate.js';
import { daemonInvariants } from '../../../tools/simulate/daemon/invariants.js';
import { daemonMutants } from '../../../tools/simulate/daemon/mutants.js';
import type { DaemonScenario } from '../../../tools/simulate/daemon/scenario.js';
import { mutated } from '../../../tools/simulate/mutate.js';

const seeds = Array.from({ length: 60 }, (_, at) => at + 1);
const kept = corpus<DaemonScenario>(new URL('daemon-corpus', import.meta.url).pathname);

describe('a seed of the daemon', () => {
  it('produces the same trace each time', async () => {
    for (const seed of seeds.slice(0, 15)) {
      const [one, other] = [await runScenario(generate(seed)), await runScenario(generate(seed))];
      expect(JSON.stringify(one.log.trace)).toBe(JSON.stringify(other.log.trace));
    }
  });

  it('reports of a world in which everything holds', async () => {
    for (const seed of seeds)
      expect([seed, (await runScenario(generate(seed))).violation]).toEqual([seed, undefined]);
  });

  it('is a scenario that can be written down and read again', () => {
    for (const seed of seeds) expect(JSON.parse(JSON.stringify(generate(seed)))).toEqual(generate(seed));
  });
});

describe('what once failed in the daemon', () => {
  it.each(kept.map(({ name, found, scenario }) => [name, found, scenario] as const))(
    'holds now: %s',
    async (_, __, scenario) => {
      expect((await runScenario(scenario)).violation).toBeUndefined();
    },
  );
});

describe('a mutant of the daemon', () => {
  it.each(daemonMutants.map((mutant) => [mutant.name, mutant] as const))(
    'finds its place in the sources: %s',
    (_, mutant) => {
      for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
        const source = readFileSync(new URL(`../../../src/${file}`, import.meta.url), 'utf8');
        expect(mutated(mutant, file, source)).not.toBe(source);
      }
    },
  );

  it('is one of at least 20, each with a name of its own', () => {
    expect(new Set(daemonMutants.map(({ name }) => name)).size).toBe(daemonMutants.length);
    expect(daemonMutants.length).toBeGreaterThanOrEqual(20);
  });
});

describe('what must hold of the daemon', () => {
  it('is said in sentences, each once, that stand in the docs with every mutant', () => {
    const sentences = daemonInvariants.map(({ sentence }) => sentence);
    expect(new Set(sentences).size).toBe(sentences.length);
    const docs = readFileSync(new URL('../../../docs/how-we-know.md', import.meta.url), 'utf8');
    for (const sentence of sentences) expect(docs).toContain(`- ${sentence}.`);
    for (const { name, seen } of daemonMutants) expect(docs).toContain(`| ${name} | ${seen} |`);
  });
});
