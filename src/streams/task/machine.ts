/** The state machine of a task: its table, reducer and effects, put together for the loop. */
import { Loop, type Machine } from '../loop.js';
import {
  awaitGone,
  awaitSurvivor,
  closeContainer,
  remove,
  shutDown,
  terminate,
  terminateLeftover,
} from './effects/container.js';
import { closeUpstream, create, discard, discardUnannounced, open } from './effects/create.js';
import { announce, publishDelete, publishExit } from './effects/events.js';
import { awaitExecs, endExecs, endInit, watchInit } from './effects/execs.js';
import type { Ports } from './ports.js';
import type { Fact } from './state/fact.js';
import {
  type EffectName,
  effectsToResume,
  everywhere,
  lifecycle,
  type Scope,
  scopes,
} from './state/lifecycle.js';
import { reduce } from './state/reduce.js';
import type { State } from './state/state.js';

/** A task as its commands use it: its ports, its latest state, and every later one. */
export type TaskLoop = Loop<Ports, State, Fact, EffectName, Scope>;

const none: readonly EffectName[] = [];

const left: { readonly [S in Scope]: (from: State, to: State) => boolean } = {
  phase: (from, to) => from.phase !== to.phase,
  announcement: (_, to) => to.announcement !== 'pending',
  init: (_, to) => to.initExited,
  detached: () => false,
};

export const machine: Machine<Ports, State, Fact, EffectName, Scope> = {
  reduce,
  effectsOf: (from, fact) => lifecycle[from.phase][fact.type]?.effects ?? everywhere[fact.type] ?? none,
  effects: {
    open,
    create,
    closeUpstream,
    discard,
    watchInit,
    announce,
    endInit,
    shutDown,
    terminate,
    terminateLeftover,
    awaitGone,
    awaitExecs,
    endExecs,
    closeContainer,
    publishExit,
    discardUnannounced,
    remove,
    publishDelete,
    awaitSurvivor,
  },
  rules: scopes,
  leaves: (scope, from, to) => left[scope](from, to),
  observe: ({ execPorts: { recorder } }, fact, state) => {
    recorder?.recordTask(state);
    if (fact.type === 'execForgotten') recorder?.forgetExec(fact.id);
  },
};

/** A task in a state: the first one, or one that was read back. `begin` starts the effects that this state needs. */
export const taskLoop = (ports: Ports, state: State): TaskLoop => new Loop(machine, ports, state);

export const resume = (loop: TaskLoop): void => loop.begin(effectsToResume(loop.state));
