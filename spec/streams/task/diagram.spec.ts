/** What docs/lifecycle.md shows of a task is what the table says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { everywhere, lifecycle, type Phase, scopes } from '../../../src/streams/task/state/lifecycle.js';
import { taskDiagram, taskTable } from '../../../tools/diagram/draw-task.js';

const page = readFileSync(new URL('../../../docs/lifecycle.md', import.meta.url), 'utf8');
const phases = Object.keys(lifecycle) as Phase[];

/** The first column of the table under a heading. */
const explained = (heading: string): ReadonlySet<string> => {
  const section = page.split(`### ${heading}\n`)[1]?.split(/\n##/)[0] ?? '';
  return new Set(
    [...section.matchAll(/^\| ([\w, ]+) \|/gm)].flatMap(([, names = '']) => names.split(', ')).slice(1),
  );
};

describe('docs/lifecycle.md, the task', () => {
  it('explains every phase and effect of a task, and none that is no more', () => {
    expect(explained('Phases of a task')).toEqual(new Set(phases));
    expect(explained('Effects of a task')).toEqual(new Set(Object.keys(scopes)));
  });
});

describe('the drawing of a task', () => {
  it('has an arrow for every edge that leaves its phase, and a row for every edge', () => {
    const edges = phases.flatMap((from) =>
      Object.entries(lifecycle[from]).map(([fact, { to }]) => ({ from, fact, to })),
    );
    const arrows = [...taskDiagram().matchAll(/^ {2}(\w+) --> (\w+) : (.*)$/gm)].flatMap(
      ([, from, to, facts = '']) => facts.split(', ').map((fact) => ({ from, fact, to })),
    );
    const byText = (all: readonly object[]): string[] => all.map((each) => JSON.stringify(each)).sort();
    expect(byText(arrows)).toEqual(byText(edges.filter(({ from, to }) => from !== to)));
    expect(taskTable().split('\n')).toHaveLength(edges.length + Object.keys(everywhere).length + 2);
  });
});
