/**
 * The life of an exec, as data: which fact leads from which phase to which, which effects that step has, and until when
 * each effect may run.
 *
 * This table defines the whole lifecycle. The reducer walks it, the loop subscribes to its effects, and the
 * diagram in docs/lifecycle.md and the exhaustive spec are made from it. A fact that a phase does not list changes
 * nothing there: an exit reported twice, a container that ends after its process, an answer that comes too late.
 *
 * The three names that containerd and its users know (`created`, `running`, `exited`) are coarser than the phases:
 * `stateOf` maps them.
 */
import type { EffectRule } from '../../loop.js';

/** The phases of an exec. */
export type Phase =
  /** Made, never started. */
  | 'created'
  /** A start was accepted; container and process are being made. No other start can be accepted any more. */
  | 'starting'
  /** The process exists; the start event is not yet published. */
  | 'announcing'
  | 'running'
  /** The start event could not be published, so the process must not run on: it is killed, and its exit awaited. */
  | 'aborting'
  /** The exit is recorded; output may still be on its way. */
  | 'draining'
  /** Output is copied, or was cut; handles are being closed and the exit published. */
  | 'releasing'
  /** Nothing is held any more, and every waiter has its answer. */
  | 'released';

/** The facts of an exec. */
export type FactName =
  /** A start command was accepted. */
  | 'start'
  /** The container of an init is started, or the stdio of an exec that was to be opened at its start is open. */
  | 'prepared'
  /** Kill or ForceExit of an exec that was never started. */
  | 'discard'
  | 'launched'
  | 'launchFailed'
  | 'announced'
  | 'announceFailed'
  /** The start of an init failed: its container is being terminated and closed. */
  | 'undoing'
  | 'undone'
  | 'processExited'
  /** The container has ended, and its processes with it. */
  | 'systemGone'
  /** ForceExit of an exec whose process may be alive; the command itself kills it when it leaves the queue. */
  | 'forceExit'
  /** The process was killed, and its exit has not been reported within the timeout. */
  | 'timedOut'
  /** SIGKILL, or the engine's equivalent, is being sent to the process. */
  | 'killSent'
  /** The exec waits for the end of its process tree. */
  | 'treeAwaited'
  /** The process tree is being killed. */
  | 'treeKilled'
  /** The process tree has ended, or the exec no longer waits for it. */
  | 'treeEnded'
  | 'drained'
  | 'released';

/** The effects of a step. Each ends by emitting a fact, unless nothing depends on it. */
export type EffectName =
  /** Start the container (init), or open stdio that was to be opened at the start. */
  | 'prepare'
  /** Create the process. */
  | 'launch'
  /** Kill and close a process that was delivered too late. */
  | 'abandon'
  /** Start the relays, publish the start event. */
  | 'announce'
  /** Terminate and close the container of an init whose start failed. */
  | 'undo'
  | 'watchSystem'
  | 'watchProcess'
  | 'kill'
  /** The same, after the commands that are in the queue. */
  | 'killQueued'
  /** Wait for the deadline at which the process is no longer expected to report its exit. */
  | 'expectExit'
  /** Wait for the end of the process tree. */
  | 'watchTree'
  /** Wait for the deadline at which the process tree is no longer waited for. */
  | 'expectTree'
  /** Wait for the relays, within the drain policy. */
  | 'drain'
  /** Close the process handle and the upstream, publish the exit. */
  | 'release'
  /** Close the upstream, and a process that was created beforehand. Nothing else is open, and nothing was published. */
  | 'retire'
  /** Keep commands waiting until the closing is done: they would find an exec that neither runs nor has ended. */
  | 'holdQueue';

/** Until when an effect may run. */
export type Scope =
  /** As long as the phase lasts. */
  | 'phase'
  /** Until the exit is recorded. */
  | 'exit'
  /** Until the exec is released. */
  | 'release'
  /** Until the tree of the process has ended, or is no longer waited for. */
  | 'tree'
  /** To its own end: no step cancels it. */
  | 'detached';

/** A transition of the lifecycle: the next phase, and the effects that it causes. */
export interface Edge {
  readonly to: Phase;
  readonly effects: readonly EffectName[];
  /** The step concerns the exec alone: `state$` does not emit it. */
  readonly internal: boolean;
}

const edge = (to: Phase, ...effects: EffectName[]): Edge => ({ to, effects, internal: false });
/** An internal step within a phase. */
const within = (to: Phase, ...effects: EffectName[]): Edge => ({ to, effects, internal: true });

/** The lifecycle table: for each phase the facts that lead from it. */
export const lifecycle: { readonly [P in Phase]: { readonly [F in FactName]?: Edge } } = {
  created: {
    start: edge('starting', 'prepare', 'launch'),
    discard: edge('releasing', 'retire'),
    systemGone: edge('releasing', 'retire', 'holdQueue'),
    // Only for a process that was created beforehand.
    processExited: edge('releasing', 'retire'),
  },
  starting: {
    prepared: within('starting', 'launch'),
    launched: edge('announcing', 'announce'),
    launchFailed: edge('releasing', 'retire'),
    undoing: within('starting', 'undo'),
    undone: edge('releasing', 'retire'),
    systemGone: edge('starting', 'killQueued', 'expectExit'),
    forceExit: edge('starting', 'expectExit'),
    timedOut: edge('releasing', 'retire'),
  },
  announcing: {
    announced: edge('running', 'watchProcess'),
    // The timeout runs from this kill, even when an exit was expected before.
    announceFailed: edge('aborting', 'expectExit', 'kill', 'watchTree', 'watchProcess'),
    undoing: within('announcing', 'undo'),
    undone: edge('releasing', 'retire'),
    systemGone: edge('announcing', 'killQueued', 'expectExit'),
    forceExit: edge('announcing', 'expectExit'),
    // The start still holds the queue, and a kill would have to wait behind it: nothing has killed the process yet.
    timedOut: edge('draining', 'kill', 'drain'),
  },
  running: {
    processExited: edge('draining', 'drain'),
    systemGone: edge('running', 'killQueued', 'expectExit'),
    forceExit: edge('running', 'expectExit'),
    timedOut: edge('draining', 'kill', 'watchTree', 'drain'),
  },
  aborting: {
    processExited: edge('draining', 'drain'),
    timedOut: edge('draining', 'drain'),
  },
  draining: {
    // While the tree is being ended, its output still counts.
    treeEnded: within('draining', 'drain'),
    drained: edge('releasing', 'release'),
  },
  releasing: {
    released: edge('released'),
    // The start timed out before the engine delivered the process: nothing else refers to it.
    launched: within('releasing', 'abandon'),
  },
  released: {
    launched: within('released', 'abandon'),
  },
};

/** Facts that mean the same in every phase that does not list them. They lead to no other phase. */
export const everywhere: { readonly [F in FactName]?: readonly EffectName[] } = {
  killSent: [],
  treeAwaited: ['watchTree'],
  treeKilled: ['watchTree', 'expectTree'],
  treeEnded: [],
};

/** Until when each effect may run, and what happens if a step asks for an effect that is running. */
export const effectRules: { readonly [E in EffectName]: EffectRule<Scope> } = {
  prepare: { scope: 'phase' },
  launch: { scope: 'detached' },
  abandon: { scope: 'detached' },
  announce: { scope: 'phase' },
  undo: { scope: 'phase' },
  watchSystem: { scope: 'exit' },
  watchProcess: { scope: 'exit' },
  kill: { scope: 'release' },
  killQueued: { scope: 'exit', whileRunning: 'ignore' },
  expectExit: { scope: 'exit' },
  watchTree: { scope: 'tree', whileRunning: 'ignore' },
  expectTree: { scope: 'tree', whileRunning: 'ignore' },
  drain: { scope: 'release', whileRunning: 'ignore' },
  release: { scope: 'release' },
  retire: { scope: 'release' },
  holdQueue: { scope: 'release' },
};

/** The states of containerd's task service. */
export type StateName = 'created' | 'running' | 'exited';

/** The coarse state that a phase belongs to. */
export const stateOf: { readonly [P in Phase]: StateName } = {
  created: 'created',
  starting: 'created',
  announcing: 'running',
  running: 'running',
  aborting: 'running',
  draining: 'exited',
  releasing: 'exited',
  released: 'exited',
};
