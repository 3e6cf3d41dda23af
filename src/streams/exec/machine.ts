/** The state machine of an exec: its table, reducer and effects, put together for the loop. */
import { Loop, type Machine } from '../loop.js';
import { effects } from './effects/index.js';
import type { Ports } from './ports.js';
import type { Fact } from './state/fact.js';
import { type EffectName, effectRules, everywhere, lifecycle, type Scope } from './state/lifecycle.js';
import { reduce } from './state/reduce.js';
import type { State } from './state/state.js';
import { nameInTask } from './status.js';

/** An exec as its commands use it: its ports, its latest state, and every later one. */
export type ExecLoop = Loop<Ports, State, Fact, EffectName, Scope>;

const none: readonly EffectName[] = [];

const left: { readonly [S in Scope]: (from: State, to: State) => boolean } = {
  phase: (from, to) => from.phase !== to.phase,
  exit: (_, to) => to.exit !== undefined,
  release: (_, to) => to.phase === 'released',
  tree: (_, to) => to.tree !== 'awaited',
  detached: () => false,
};

const machine: Machine<Ports, State, Fact, EffectName, Scope> = {
  reduce,
  effectsOf: (from, fact) => lifecycle[from.phase][fact.type]?.effects ?? everywhere[fact.type] ?? none,
  effects,
  rules: effectRules,
  leaves: (scope, from, to) => left[scope](from, to),
  isOver: ({ phase }) => phase === 'released',
  observe: ({ log, options }, fact, state) => {
    // Enough to replay the life of an exec from its log.
    log?.trace({ fact, state }, 'fact');
    options.recorder?.recordExec(nameInTask(options), state);
  },
};

export const execLoop = (ports: Ports, state: State): ExecLoop => new Loop(machine, ports, state);
