/**
 * The reducer of a task: one state and one fact make the next state. Pure, without clocks; every path is an edge of the
 * lifecycle table or a fact that means the same everywhere. A fact that changes nothing returns the very same state.
 */
import type { Fact } from './fact.js';
import { deleteId, getId, noIds, setId } from './id-map.js';
import { everywhere, hasInit, isDeleted, lifecycle } from './lifecycle.js';
import type { State } from './state.js';

export const reduce = (state: State, fact: Fact): State => {
  const edge = lifecycle[state.phase][fact.type];
  if (edge === undefined && everywhere[fact.type] === undefined) return state;
  // Before there is an init nothing is announced, killed or added.
  if (edge === undefined && !hasInit(state.phase)) return state;
  const change = changeOf(state, fact);
  if (change === undefined) return state;
  const phase = edge?.to ?? state.phase;
  if (phase === state.phase) return { ...state, ...change };
  // A deadline belongs to the phase that the fact has led to.
  const next = { ...state, deadline: undefined, ...change, phase };
  return isDeleted(next) ? { ...next, execs: noIds } : next;
};

/** The changes besides the phase; `undefined` if the fact means nothing to this state. */
const changeOf = (state: State, fact: Fact): Partial<State> | undefined => {
  switch (fact.type) {
    case 'announced':
      return state.announcement === 'pending' ? { announcement: 'published' } : undefined;
    case 'announceFailed':
      return state.announcement === 'pending' ? { announcement: 'failed', failure: fact.error } : undefined;
    case 'cancelled':
      return state.announcement === 'pending' ? { announcement: 'failed' } : undefined;
    case 'createFailed':
      // A caller that has cancelled the creation does not need its error.
      return state.announcement === 'pending' ? { announcement: 'failed', failure: fact.error } : {};
    case 'initExited':
      return state.initExited ? undefined : { initExited: true, survivorDeadline: undefined };
    case 'killSent':
      return state.initExited || state.survivorDeadline !== undefined
        ? undefined
        : { survivorDeadline: fact.deadline };
    case 'survivorTerminated':
      return state.survivorDeadline === undefined ? undefined : { survivorDeadline: undefined };
    case 'requested':
    case 'containerGone':
    case 'timedOut':
      return { deadline: fact.deadline };
    case 'exitPublished':
      return state.announcement === 'pending' ? undefined : {};
    case 'discarded':
      return state.announcement === 'failed' ? {} : undefined;
    case 'deleteRequested':
      // A task without a user is discarded.
      return state.announcement === 'failed' ? undefined : { deletedBy: fact.by, removalFailure: undefined };
    case 'removalFailed':
      return { deletedBy: undefined, removalFailure: fact.error };
    case 'execClaimed': {
      const { by, id } = fact;
      if (isDeleted(state) || getId(state.execs, id) !== undefined)
        return { lastClaim: { by, granted: false } };
      return { lastClaim: { by, granted: true }, execs: setId(state.execs, id, 'opening') };
    }
    case 'execAdded':
      return getId(state.execs, fact.id) === 'opening'
        ? { execs: setId(state.execs, fact.id, 'added') }
        : undefined;
    case 'execForgotten': {
      const execs = deleteId(state.execs, fact.id);
      return execs === state.execs ? undefined : { execs };
    }
    default:
      return {};
  }
};
