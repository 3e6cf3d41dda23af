/**
 * The reducer: one state and one fact make the next state. Pure, without clocks and without rxjs; every path through
 * it is an edge of the lifecycle table, and a fact without an edge returns the very same state.
 */

import type { IoError } from '../stdio/io-error.js';
import type { OutputName } from '../stdio/upstream.js';
import type { ExecExit, ExecState } from './exec-state.js';
import { type FactName, lifecycle, stateOf } from './lifecycle.js';

/** A fact with what it carries. An ending carries the whole exit, its time taken when it was seen. */
export type Fact =
  | { readonly type: 'start' | 'announced' | 'forceExit' | 'released' }
  | { readonly type: 'launched'; readonly pid: number }
  | { readonly type: 'announceFailed' }
  | { readonly type: EndingFact; readonly exit: ExecExit }
  | {
      readonly type: 'drained';
      readonly truncated: boolean;
      readonly unread: readonly OutputName[];
      readonly ioErrors?: readonly IoError[];
    };

/** The facts that may end an exec, depending on the phase they meet. */
export type EndingFact = Extract<
  FactName,
  'discard' | 'launchFailed' | 'undone' | 'processExited' | 'systemGone' | 'overdue'
>;

export const reduce = (state: ExecState, fact: Fact): ExecState => {
  const edge = lifecycle[state.phase][fact.type];
  if (edge === undefined) return state;
  const to = stateOf[edge.to];
  return {
    state: to,
    phase: edge.to,
    via: fact.type,
    pid: fact.type === 'launched' ? fact.pid : state.pid,
    announced: fact.type === 'announced' || state.announced,
    // Only the step into `exited` records an exit: status and time never change afterwards.
    exit: state.exit ?? (to === 'exited' && 'exit' in fact ? fact.exit : undefined),
    ioErrors: fact.type === 'drained' && fact.ioErrors !== undefined ? fact.ioErrors : state.ioErrors,
    truncated: fact.type === 'drained' ? fact.truncated : state.truncated,
    unread: fact.type === 'drained' ? fact.unread : state.unread,
  };
};
