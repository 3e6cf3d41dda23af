/** The lifecycle table of a task as pictures: a mermaid diagram, and a table of the effects of each edge. */
import { everywhere, lifecycle, type Phase, scopes } from '../../src/streams/task/state/lifecycle.js';
import { named, scopeTable } from './draw.js';

const phases = Object.keys(lifecycle) as Phase[];
const edges = phases.flatMap((from) =>
  Object.entries(lifecycle[from]).map(([fact, edge]) => ({ from, fact, ...edge })),
);

/** The diagram, as a fenced block of markdown. An edge that stays in its phase is only in the table. */
export const taskDiagram = (): string => {
  const arrows = new Map<string, string[]>();
  for (const { from, fact, to } of edges) {
    if (from === to) continue;
    const arrow = `${from} --> ${to}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), fact]);
  }
  return [
    '```mermaid',
    'stateDiagram-v2',
    `  [*] --> ${phases[0]}`,
    ...[...arrows].map(([arrow, facts]) => `  ${arrow} : ${facts.join(', ')}`),
    '```',
  ].join('\n');
};

/** Every edge with its effects. */
export const taskTable = (): string =>
  [
    '| in | when | then | and does |',
    '|---|---|---|---|',
    ...edges.map(
      ({ from, fact, to, effects }) =>
        `| ${from} | ${fact} | ${from === to ? 'stays' : to} | ${named(effects)} |`,
    ),
    ...Object.entries(everywhere).map(
      ([fact, effects]) => `| any from \`up\` on | ${fact} | stays | ${named(effects)} |`,
    ),
  ].join('\n');

/** The diagram and the tables, as they stand in the docs. */
export const taskLifecycle = (): string => `${taskDiagram()}\n\n${taskTable()}\n\n${scopeTable(scopes)}`;
