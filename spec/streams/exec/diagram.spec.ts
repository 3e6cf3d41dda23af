/** What the documents show of the lifecycle is what the table says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { effectRules, everywhere, lifecycle, type Phase } from '../../../src/streams/exec/state/lifecycle.js';
import { between } from '../../../tools/between.js';
import { lifecycleDiagram, lifecycleTable, scopeTable } from '../../../tools/diagram/draw.js';
import { drawings } from '../../../tools/diagram/drawings.js';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const phases = Object.keys(lifecycle) as Phase[];
const facts = new Set([...phases.map((phase) => lifecycle[phase]), everywhere].flatMap(Object.keys));
const effects = new Set(Object.keys(effectRules));

describe.each(drawings)('$path, $marker', ({ path, marker, text }) => {
  it('shows the lifecycle as it is; `npm run diagram` draws it anew', () => {
    const document = read(path);
    expect(document).toBe(between(document, marker, text()) ?? `a document with ${marker} markers`);
  });
});

describe('docs/lifecycle.md', () => {
  /** The first column of the table under a heading. */
  const explained = (heading: string): ReadonlySet<string> => {
    const section = read('docs/lifecycle.md').split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
    return new Set([...section.matchAll(/^\| (\w+) \|/gm)].map(([, name = '']) => name).slice(1));
  };

  it('explains every phase, fact and effect, and none that is no more', () => {
    expect(explained('Phases')).toEqual(new Set(phases));
    expect(explained('Facts')).toEqual(facts);
    expect(explained('Effects')).toEqual(effects);
  });
});

describe('the drawing', () => {
  it('has an arrow for every edge of the table that users can see', () => {
    const arrows = [...lifecycleDiagram().matchAll(/^ {2}(\w+) --> (\w+) : (.*)$/gm)].flatMap(
      ([, from, to, facts = '']) => facts.split(', ').map((fact) => `${from} ${fact} ${to}`),
    );
    const edges = phases.flatMap((phase) =>
      Object.entries(lifecycle[phase])
        .filter(([, { internal }]) => !internal)
        .map(([fact, { to }]) => `${phase} ${fact} ${to}`),
    );
    expect(new Set(arrows)).toEqual(new Set(edges));
    expect(arrows).toHaveLength(edges.length);
  });

  it('lists every edge in the table, and every effect in a scope', () => {
    const edges = [...phases.map((phase) => lifecycle[phase]), everywhere].flatMap(Object.keys);
    expect(lifecycleTable().split('\n')).toHaveLength(edges.length + 2);
    for (const effect of effects) expect(scopeTable()).toContain(`\`${effect}\``);
    for (const asked of phases
      .flatMap((phase) => Object.values(lifecycle[phase]))
      .flatMap((edge) => edge.effects))
      expect(effects).toContain(asked);
  });

  it('goes between the markers, and nowhere else', () => {
    const document = 'a\n<!-- lifecycle:begin -->\nold\n<!-- lifecycle:end -->\nb\n';
    expect(between(document, 'lifecycle', 'new')).toBe(
      'a\n<!-- lifecycle:begin -->\nnew\n<!-- lifecycle:end -->\nb\n',
    );
    expect(between('no markers', 'lifecycle', 'new')).toBeUndefined();
    expect(between('<!-- lifecycle:begin --> only', 'lifecycle', 'new')).toBeUndefined();
  });
});
