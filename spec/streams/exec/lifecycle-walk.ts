/**
 * Every life that the lifecycle table allows: breadth first over all sequences of facts, to the depth at which no new
 * state appears. What a life has done so far is part of where it stands, so that "at most once" can be asked of paths.
 */
import { errorData } from '../../../src/streams/error-data.js';
import type { Fact } from '../../../src/streams/exec/state/fact.js';
import { type EffectName, everywhere, lifecycle } from '../../../src/streams/exec/state/lifecycle.js';
import { reduce } from '../../../src/streams/exec/state/reduce.js';
import { initialState, type RecordedExit, type State } from '../../../src/streams/exec/state/state.js';

/** The effects that matter of a whole life: how often each was asked for; more than twice counts as twice. */
const counted = [
  'announce',
  'undo',
  'watchProcess',
  'kill',
  'release',
  'retire',
] as const satisfies EffectName[];
export type Deeds = { readonly [E in (typeof counted)[number]]?: 1 | 2 };

export interface Node {
  readonly state: State;
  readonly deeds: Deeds;
  readonly depth: number;
  /** The step that led here. */
  readonly before?: { readonly node: Node; readonly fact: string };
}

export interface Step {
  readonly from: Node;
  readonly fact: Fact;
  readonly to: Node;
  readonly effects: readonly EffectName[];
}

const at = 7;
const failure = errorData(new Error('no'));
const exits: Record<string, RecordedExit> = {
  'code 0': { kind: 'exited', code: 0, status: 0, at, forced: false },
};

/** Every kind of fact, with payloads that stand for all others, and a name for each. */
export const facts: ReadonlyMap<string, Fact> = new Map<string, Fact>([
  ...(['start', 'prepared', 'announced', 'released', 'killSent', 'treeAwaited'] as const).map(
    (type) => [type, { type }] as const,
  ),
  ['discard', { type: 'discard', status: 1, at }],
  ['launched', { type: 'launched', pid: 4711, tree: false }],
  ['launched (with a tree)', { type: 'launched', pid: 4711, tree: true }],
  ['launchFailed', { type: 'launchFailed', failure, at }],
  ['announceFailed', { type: 'announceFailed', failure, deadline: 20 }],
  ['undoing', { type: 'undoing', failure }],
  ['undone', { type: 'undone', at }],
  ...Object.entries(exits).map(
    ([name, exit]) => [`processExited (${name})`, { type: 'processExited', exit }] as const,
  ),
  ['systemGone', { type: 'systemGone', at, deadline: 20 }],
  ['forceExit', { type: 'forceExit', status: 3, deadline: 20 }],
  ['timedOut', { type: 'timedOut', at }],
  ['timedOut (reported)', { type: 'timedOut', at, reported: exits['code 0'] as RecordedExit }],
  ['treeKilled', { type: 'treeKilled', deadline: 20 }],
  ['treeEnded (gone)', { type: 'treeEnded', outcome: 'gone' }],
  ['treeEnded (timed out)', { type: 'treeEnded', outcome: 'timedOut' }],
  ['drained', { type: 'drained', truncated: false, unread: [], ioErrors: [], gaps: [] }],
  [
    'drained (cut, unread, failed)',
    {
      type: 'drained',
      truncated: true,
      unread: ['stdout'],
      gaps: [{ stream: 'stdout', reason: 'no record' }],
      ioErrors: [{ stream: 'stderr', error: errorData('the sink broke') }],
    },
  ],
]);

const keyOf = ({ state, deeds }: Node): string =>
  JSON.stringify([state, Object.entries(deeds).sort(([one], [other]) => (one < other ? -1 : 1))]);

const after = (deeds: Deeds, effects: readonly EffectName[]): Deeds => {
  const sum: { -readonly [E in keyof Deeds]: Deeds[E] } = { ...deeds };
  for (const effect of counted) {
    if (effects.includes(effect)) sum[effect] = sum[effect] === undefined ? 1 : 2;
  }
  return sum;
};

export interface Walk {
  readonly nodes: readonly Node[];
  /** Every fact in every node, also those that change nothing. */
  readonly steps: readonly Step[];
  /** The length of the longest path to a state that no shorter one reaches. */
  readonly depth: number;
}

/** Walks them all. `reducer` is another one only where the walk itself is put to the test. */
export const walk = (reducer: typeof reduce = reduce): Walk => {
  const start: Node = { state: initialState, deeds: {}, depth: 0 };
  const nodes = [start];
  const steps: Step[] = [];
  const known = new Map([[keyOf(start), start]]);
  for (const from of nodes) {
    for (const [name, fact] of facts) {
      const state = reducer(from.state, fact);
      if (state === from.state) {
        steps.push({ from, fact, to: from, effects: [] });
        continue;
      }
      const effects = lifecycle[from.state.phase][fact.type]?.effects ?? everywhere[fact.type] ?? [];
      const reached: Node = {
        state,
        deeds: after(from.deeds, effects),
        depth: from.depth + 1,
        before: { node: from, fact: name },
      };
      const key = keyOf(reached);
      const seen = known.get(key);
      if (seen === undefined) {
        known.set(key, reached);
        nodes.push(reached);
      }
      steps.push({ from, fact, to: reached, effects });
    }
  }
  return { nodes, steps, depth: Math.max(...nodes.map(({ depth }) => depth)) };
};

/** The facts that lead to a node. */
export const pathOf = ({ before }: Node): readonly string[] =>
  before === undefined ? [] : [...pathOf(before.node), before.fact];
