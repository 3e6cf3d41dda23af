/** The simulation itself: that it is the same for the same seed, that it sees what is wrong, and what it once found. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { randomFrom } from '../../../src/testing/simulate/random.js';
import { refusalOf } from '../../../tools/simulate/accept.js';
import { runScenario } from '../../../tools/simulate/check.js';
import { corpus } from '../../../tools/simulate/corpus.js';
import { generate } from '../../../tools/simulate/generate.js';
import { invariants } from '../../../tools/simulate/invariants.js';
import { mutants } from '../../../tools/simulate/mutants.js';
import { mutated } from '../../../tools/simulate/mutate.js';
import type { Scenario } from '../../../tools/simulate/scenario.js';
import { SimScheduler } from '../../../tools/simulate/sim-scheduler.js';
import type { Entry } from '../../../tools/simulate/trace.js';

const seeds = Array.from({ length: 200 }, (_, at) => at + 1);

describe('a seed', () => {
  it('produces the same trace each time', async () => {
    for (const seed of seeds.slice(0, 20)) {
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

describe('what once failed', () => {
  const kept = corpus<Scenario>(new URL('corpus', import.meta.url).pathname);

  it.each(kept.map(({ name, found, scenario }) => [name, found, scenario] as const))(
    'holds now: %s',
    async (_, __, scenario) => {
      expect((await runScenario(scenario)).violation).toBeUndefined();
    },
  );
});

describe('the scheduler', () => {
  const orders = (ties: number | undefined): string => {
    const scheduler = new SimScheduler(ties === undefined ? undefined : randomFrom(ties));
    let order = '';
    for (const name of 'abcd') scheduler.schedule(() => (order += name), 5);
    scheduler.schedule(() => (order += '-'), 3);
    while (scheduler.step(10));
    return order;
  };

  it('runs what is due first, and of the same instant any, as the seed picks', () => {
    const seen = new Set(seeds.map(orders));
    expect(seen.size).toBe(24);
    for (const order of seen) expect([...order].sort().join('')).toBe('-abcd');
    expect([...seen].every((order) => order.startsWith('-'))).toBe(true);
  });

  it('runs first come, first served without a seed', () => expect(orders(undefined)).toBe('-abcd'));

  it('runs again what schedules itself, and not what was given up', () => {
    const scheduler = new SimScheduler();
    const seen: number[] = [];
    scheduler.schedule<number>(
      function (count = 0) {
        seen.push(scheduler.now());
        if (count < 2) this.schedule(count + 1, 10);
      },
      10,
      0,
    );
    scheduler.schedule(() => seen.push(-1), 15).unsubscribe();
    while (scheduler.step(100));
    expect(seen).toEqual([10, 20, 30]);
    expect(scheduler.engineTimers).toBe(0);
  });
});

describe('a mutant', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    'finds its place in the sources: %s',
    (_, mutant) => {
      for (const file of new Set(mutant.edits.map((edit) => edit.file))) {
        const source = readFileSync(new URL(`../../../src/${file}`, import.meta.url), 'utf8');
        expect(mutated(mutant, file, source)).not.toBe(source);
      }
    },
  );

  it('fails loudly when its text is not there', () => {
    const [mutant] = mutants;
    expect(() => mutated(mutant as never, mutant?.edits[0]?.file as string, 'something else')).toThrow(
      'found 0 times',
    );
  });

  it('is one of at least 25, each with a name of its own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(25);
  });
});

describe('a recorded life', () => {
  const state = (phase: string, via: string | undefined, status?: number): Entry => ({
    at: 0,
    exec: 'c',
    is: 'state',
    phase,
    via,
    pid: phase === 'created' || phase === 'starting' ? 0 : 7,
    exit: status === undefined ? undefined : { kind: 'exited', status, at: 0, forced: false },
    truncated: false,
  });
  const event = (is: 'attempt' | 'taken' | 'out', name: string, status = -1, pid = 7): Entry => ({
    at: 0,
    exec: 'c',
    is,
    event: name,
    pid,
    status,
  });
  const waiter = (came: 'early' | 'late'): Entry => ({ at: 0, exec: 'c', is: 'waiter', came, status: 3 });
  const asked = (call: string): Entry => ({ at: 0, exec: '', is: 'asked', call, pid: 0 });
  const life: readonly Entry[] = [
    event('attempt', 'TaskCreate', -1, 0),
    event('taken', 'TaskCreate', -1, 0),
    event('out', 'TaskCreate', -1, 0),
    state('created', undefined),
    state('starting', 'start'),
    asked('container.start'),
    { at: 0, exec: '', is: 'answered', call: 'container.start', pid: 0, how: 'done' },
    { at: 0, exec: 'c', is: 'made', pid: 7 },
    state('announcing', 'launched'),
    event('attempt', 'TaskStart'),
    event('taken', 'TaskStart'),
    event('out', 'TaskStart'),
    state('running', 'announced'),
    { at: 0, exec: 'c', is: 'ended', pid: 7, kind: 'exited', status: 3 },
    state('draining', 'processExited', 3),
    state('releasing', 'drained', 3),
    { at: 0, exec: 'c', is: 'asked', call: 'process.close', pid: 7 },
    state('released', 'released', 3),
    asked('container.shutdown'),
    { at: 0, exec: '', is: 'gone' },
    asked('container.close'),
    event('attempt', 'TaskExit', 3),
    event('taken', 'TaskExit', 3),
    event('out', 'TaskExit', 3),
    waiter('early'),
    waiter('late'),
  ];
  const refusal = (trace: readonly Entry[], over = true) =>
    refusalOf({ name: 'one', task: 'c', over, trace: trace.map((entry) => ({ ...entry })) });
  const without = (is: string, what: (entry: never) => boolean = () => true): readonly Entry[] =>
    life.filter((entry) => !(entry.is === is && what(entry as never)));

  it('is accepted', () => expect(refusal(life)).toBeUndefined());

  it.each([
    [
      'whose exit was not published',
      without('out', ({ event: name }: { event: string }) => name === 'TaskExit'),
      'retried until it is published',
    ],
    [
      'that skips a phase',
      without('state', ({ phase }: { phase: string }) => phase === 'announcing'),
      'lifecycle table',
    ],
    [
      'whose late waiter got no answer',
      without('waiter', ({ came }: { came: string }) => came === 'late'),
      'Every wait',
    ],
    [
      'with a code that no process reported',
      without('ended'),
      'An exit code is one that the process reported',
    ],
    ['that was released twice', [...life, state('released', 'released', 3)], 'lifecycle table'],
    [
      'whose container was not closed',
      life.filter((entry) => !(entry.is === 'asked' && entry.call === 'container.close')),
      'container is closed',
    ],
  ] as const)('%s is refused', (_, trace, why) => expect(refusal(trace)).toContain(why));

  it('that was broken off misses nothing that may have come later', () => {
    const running = life.findIndex((entry) => entry.is === 'state' && entry.phase === 'running');
    expect(refusal(life.slice(0, running), false)).toBeUndefined();
    expect(refusal(life.slice(0, running), true)).toBeDefined();
  });
});

describe('what must hold', () => {
  it('is said in sentences, each once', () => {
    const sentences = invariants.map(({ sentence }) => sentence);
    expect(new Set(sentences).size).toBe(sentences.length);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].* .*[^.]$/);
  });

  it('stands in the docs, with every mutant', () => {
    const docs = readFileSync(new URL('../../../docs/how-we-know.md', import.meta.url), 'utf8');
    for (const { sentence } of invariants) expect(docs).toContain(`- ${sentence}.`);
    for (const { name, seen } of mutants) expect(docs).toContain(`| ${name} | ${seen} |`);
  });
});
