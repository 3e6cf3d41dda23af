/**
 * The lifecycle table as pictures: a mermaid diagram, and a table of what is done on each edge.
 *
 * Flat, with a colour for each of containerd's states: mermaid draws no transition between the inner states of two
 * composite states.
 */
import {
  effectRules,
  everywhere,
  type FactName,
  lifecycle,
  type Phase,
  type StateName,
  stateOf,
} from '../../src/streams/exec/state/lifecycle.js';

const phases = Object.keys(lifecycle) as Phase[];
const edges = phases.flatMap((from) =>
  Object.entries(lifecycle[from]).map(([fact, edge]) => ({ from, fact: fact as FactName, ...edge })),
);

const colours: Record<StateName, string> = {
  created: 'fill:#e8eef7,stroke:#5b7db1,color:#1d2b44',
  running: 'fill:#e6f4e6,stroke:#5a9e5a,color:#173a17',
  exited: 'fill:#f6e9e2,stroke:#b5764f,color:#45240f',
};

/** The diagram, as a fenced block of markdown. */
export const lifecycleDiagram = (): string => {
  const arrows = new Map<string, FactName[]>();
  for (const { from, fact, to, internal } of edges) {
    // What users never see is for the table.
    if (internal) continue;
    const arrow = `${from} --> ${to}`;
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), fact]);
  }
  const last = phases.filter((phase) => Object.keys(lifecycle[phase]).length === 0);
  const states = Object.keys(colours) as StateName[];
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> created',
    ...[...arrows].map(([arrow, facts]) => `  ${arrow} : ${facts.join(', ')}`),
    ...last.map((phase) => `  ${phase} --> [*]`),
    ...states.map((state) => `  classDef ${state}State ${colours[state]}`),
    ...states.map(
      (state) => `  class ${phases.filter((phase) => stateOf[phase] === state).join(',')} ${state}State`,
    ),
    '```',
    '',
    `${states.map((state) => `**${state}**: ${phases.filter((phase) => stateOf[phase] === state).join(', ')}`).join(' · ')}`,
  ].join('\n');
};

/** Names of effects, as code. */
export const named = (effects: readonly string[]): string =>
  effects.map((effect) => `\`${effect}\``).join(', ');

/** What leads where, and what is then done. */
export const lifecycleTable = (): string =>
  [
    '| in | when | then | and does |',
    '|---|---|---|---|',
    ...edges.map(
      ({ from, fact, to, effects, internal }) =>
        `| ${from} | ${fact} | ${from === to ? (internal ? 'stays, unseen' : 'stays') : to} | ${named(effects)} |`,
    ),
    ...Object.entries(everywhere).map(
      ([fact, effects]) => `| any other | ${fact} | stays, unseen | ${named(effects)} |`,
    ),
  ].join('\n');

/** Until when each effect may run. */
export const scopeTable = (
  rules: Readonly<Record<string, { readonly scope: string }>> = effectRules,
): string => {
  const scopes = new Map<string, string[]>();
  for (const [effect, { scope }] of Object.entries(rules)) {
    scopes.set(scope, [...(scopes.get(scope) ?? []), effect]);
  }
  return [
    '| scope | effects |',
    '|---|---|',
    ...[...scopes].map(([scope, effects]) => `| ${scope} | ${named(effects)} |`),
  ].join('\n');
};
