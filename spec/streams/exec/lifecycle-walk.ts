/**
 * Every life that the lifecycle table allows: breadth first over all sequences of facts, to the depth at which no new
 * state appears. What a life has done so far is part of where it stands, so that "at most once" can be asked of paths.
 */
import type { ExecExit, ExecState } from '../../../src/streams/exec/exec-state.js';
import { initialState } from '../../../src/streams/exec/exec-state.js';
import { type EffectName, lifecycle } from '../../../src/streams/exec/lifecycle.js';
import { type EndingFact, type Fact, reduce } from '../../../src/streams/exec/reduce.js';

/** How often each effect has been carried out; more than twice counts as twice. */
export type Deeds = { readonly [E in EffectName]?: 1 | 2 };

export interface Node {
  readonly state: ExecState;
  readonly deeds: Deeds;
  /** The facts that led here. */
  readonly path: readonly string[];
}

export interface Step {
  readonly from: Node;
  readonly fact: Fact;
  readonly to: Node;
  readonly effects: readonly EffectName[];
}

const at = 7;
const exits: Record<string, ExecExit> = {
  'code 0': { kind: 'exited', code: 0, status: 0, at, forced: false },
  'signal 9': { kind: 'signaled', signal: 9, status: 137, at, forced: false },
  lost: { kind: 'lost', reason: 'no exit was reported', status: 255, at, forced: false },
  'given up': { kind: 'lost', reason: 'its end was not reported in time', status: 1, at, forced: true },
  discarded: { kind: 'discarded', status: 1, at, forced: false },
  'start failed': { kind: 'startFailed', error: new Error('no'), status: 1, at, forced: false },
};

const endings: Record<EndingFact, readonly (keyof typeof exits)[]> = {
  discard: ['discarded'],
  launchFailed: ['start failed'],
  undone: ['start failed'],
  processExited: ['code 0', 'signal 9', 'lost', 'start failed'],
  systemGone: ['discarded'],
  overdue: ['given up', 'start failed'],
};

/** Every kind of fact, with payloads that stand for all others, and a name for each. */
export const facts: ReadonlyMap<string, Fact> = new Map<string, Fact>([
  ...(['start', 'announced', 'announceFailed', 'forceExit', 'released'] as const).map(
    (type) => [type, { type }] as const,
  ),
  ['launched', { type: 'launched', pid: 4711 }],
  ['drained', { type: 'drained', truncated: false, unread: [] }],
  ['drained (cut, unread)', { type: 'drained', truncated: true, unread: ['stdout'] }],
  ...Object.entries(endings).flatMap(([type, kinds]) =>
    kinds.map(
      (kind) => [`${type} (${kind})`, { type: type as EndingFact, exit: exits[kind] as ExecExit }] as const,
    ),
  ),
]);

const keyOf = ({ state, deeds }: Node): string =>
  JSON.stringify([
    state,
    Object.entries(deeds).sort(([one], [other]) => (one < other ? -1 : 1)),
    // An error has no text in JSON.
    state.exit?.kind,
  ]);

const after = (deeds: Deeds, effects: readonly EffectName[]): Deeds => {
  const counted: { [E in EffectName]?: 1 | 2 } = { ...deeds };
  for (const effect of effects) counted[effect] = counted[effect] === undefined ? 1 : 2;
  return counted;
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
  const start: Node = { state: initialState, deeds: {}, path: [] };
  const nodes = [start];
  const steps: Step[] = [];
  const known = new Map([[keyOf(start), start]]);
  for (const from of nodes) {
    for (const [name, fact] of facts) {
      const state = reducer(from.state, fact);
      const effects = state === from.state ? [] : (lifecycle[from.state.phase][fact.type]?.effects ?? []);
      const reached: Node = { state, deeds: after(from.deeds, effects), path: [...from.path, name] };
      const key = keyOf(reached);
      const seen = known.get(key);
      if (seen === undefined) {
        known.set(key, reached);
        nodes.push(reached);
      }
      steps.push({ from, fact, to: reached, effects });
    }
  }
  return { nodes, steps, depth: Math.max(...nodes.map(({ path }) => path.length)) };
};
