/**
 * The reducer: one state and one fact make the next state. Pure, without clocks and without rxjs; every path through
 * it is an edge of the lifecycle table, and a fact that means nothing returns the very same state.
 */
import { discarded, startFailed, timedOut } from './exits.js';
import type { Fact } from './fact.js';
import { type Edge, everywhere, lifecycle, stateOf } from './lifecycle.js';
import type { RecordedExit, State } from './state.js';

type Draft = { -readonly [K in keyof State]: State[K] };

export const reduce = (state: State, fact: Fact): State => {
  const edge = lifecycle[state.phase][fact.type];
  if (edge === undefined && everywhere[fact.type] === undefined) return state;
  if (isKnown(state, fact)) return state;
  const next = draftOf(state);
  record(next, fact);
  if (edge !== undefined) enter(next, state, fact, edge);
  return next;
};

/** Field by field: half of the time of a whole life went into `{ ...state }`, which V8 does not compile for so many. */
const draftOf = (state: State): Draft => ({
  state: state.state,
  phase: state.phase,
  via: state.via,
  pid: state.pid,
  announced: state.announced,
  exit: state.exit,
  ioErrors: state.ioErrors,
  truncated: state.truncated,
  unread: state.unread,
  gaps: state.gaps,
  prepared: state.prepared,
  failure: state.failure,
  killPending: state.killPending,
  killed: state.killed,
  forcedStatus: state.forcedStatus,
  exitDeadline: state.exitDeadline,
  tree: state.tree,
  treeDeadline: state.treeDeadline,
  drained: state.drained,
  abandoned: state.abandoned,
});

/** Whether a fact that leads to no other phase says nothing new, or something impossible. */
const isKnown = (state: State, fact: Fact): boolean => {
  const { prepared, failure, tree, treeDeadline, killed, abandoned } = state;
  switch (fact.type) {
    case 'prepared':
      return prepared;
    case 'launched':
      return abandoned;
    case 'undoing':
      return failure !== undefined;
    case 'undone':
      return failure === undefined;
    case 'killSent':
      return killed;
    case 'treeAwaited':
      return tree !== 'unawaited';
    case 'treeKilled':
      return tree !== 'unawaited' && (tree !== 'awaited' || treeDeadline !== undefined);
    case 'treeEnded':
      return tree !== 'awaited';
    default:
      return false;
  }
};

/** The changes that a fact makes besides the phase. */
const record = (next: Draft, fact: Fact): void => {
  switch (fact.type) {
    case 'prepared':
      next.prepared = true;
      break;
    case 'launched':
      if (next.phase !== 'starting') {
        next.abandoned = true;
        break;
      }
      next.pid = fact.pid;
      next.tree = fact.tree ? 'unawaited' : 'none';
      break;
    case 'announced':
      next.announced = true;
      break;
    case 'launchFailed':
    case 'undoing':
      next.failure = fact.failure;
      break;
    case 'announceFailed':
      next.failure = fact.failure;
      expectExit(next, fact.deadline, false);
      break;
    case 'systemGone':
      if (next.phase === 'created') break;
      next.killPending = true;
      expectExit(next, fact.deadline, next.phase !== 'running');
      break;
    case 'forceExit':
      next.forcedStatus ??= fact.status;
      expectExit(next, fact.deadline, next.phase !== 'running');
      break;
    case 'killSent':
      next.killed = true;
      next.killPending = false;
      break;
    case 'treeAwaited':
      next.tree = 'awaited';
      break;
    case 'treeKilled':
      next.tree = 'awaited';
      next.treeDeadline ??= fact.deadline;
      break;
    case 'treeEnded':
      next.tree = fact.outcome;
      break;
    case 'drained':
      next.drained = true;
      next.truncated = fact.truncated;
      next.unread = fact.unread;
      next.ioErrors = fact.ioErrors;
      next.gaps = fact.gaps;
      break;
  }
};

/**
 * The timeout runs from the kill, or from an earlier reason to expect the exit. Nothing defers it after the kill, or
 * while there is nothing to kill yet.
 */
const expectExit = (next: Draft, deadline: number, unkillable: boolean): void => {
  if (next.exitDeadline === undefined || !(next.killed || unkillable)) next.exitDeadline = deadline;
};

const enter = (next: Draft, from: State, fact: Fact, { to, effects, internal }: Edge): void => {
  next.phase = to;
  next.state = stateOf[to];
  if (!internal) next.via = fact.type;
  // Only the step into `exited` records an exit: status and time never change afterwards.
  if (next.state === 'exited' && from.exit === undefined) next.exit = exitOf(from, fact);
  // A process is killed with all its descendants, and the exec waits for their end.
  const kills = effects.includes('kill') && !from.killed;
  if (kills && next.tree === 'unawaited') next.tree = 'awaited';
  // A process that timed out has not ended, and neither has its tree.
  if (next.exit?.forced === true && next.tree === 'awaited') next.tree = 'timedOut';
};

const statusWhenSystemGone = 1;

const exitOf = ({ failure, pid, forcedStatus }: State, fact: Fact): RecordedExit | undefined => {
  switch (fact.type) {
    case 'discard':
      return discarded(fact.status, fact.at);
    case 'systemGone':
      return discarded(statusWhenSystemGone, fact.at);
    case 'launchFailed':
      return startFailed(fact.failure, fact.at);
    case 'undone':
      return failure && startFailed(failure, fact.at);
    case 'processExited':
      // A process that was killed because its start could not be published counts as never started.
      return failure === undefined ? fact.exit : startFailed(failure, fact.exit.at);
    case 'timedOut':
      return failure === undefined
        ? (fact.reported ?? timedOut(fact.at, forcedStatus))
        : startFailed(failure, fact.at, pid !== 0);
    default:
      return undefined;
  }
};
