/**
 * The life of an exec, as data: which fact leads from which phase to which, and what is then to be done.
 *
 * This table is the whole truth about the lifecycle. The reducer walks it, the exec carries out its effects, and the
 * diagram in the README and the exhaustive spec are made from it. A fact that a phase does not list changes nothing
 * there: an exit reported twice, a container that goes after its process, an answer that comes too late.
 *
 * The three names that containerd and its users know (`created`, `running`, `exited`) are coarser than the phases:
 * `stateOf` maps them. Nobody outside need care that a start is a claim (`starting`) before it is an observation.
 */

/** Where an exec stands, finely. */
export type Phase =
  /** Made, never started. */
  | 'created'
  /** A start was accepted; container and process are being made. No other start can be accepted any more. */
  | 'starting'
  /** The process is there, the start event not yet out. */
  | 'announcing'
  | 'running'
  /** It must not run on: its start could not be told, or its container is gone. It is killed, its end awaited. */
  | 'aborting'
  /** The exit is recorded; output may still be on its way. */
  | 'draining'
  /** Output is through, or was cut; handles are being closed and the exit told. */
  | 'releasing'
  /** Nothing is held any more, and every waiter has its answer. */
  | 'released';

/** What can happen to an exec. */
export type FactName =
  /** A start command was accepted. */
  | 'start'
  /** Kill or ForceExit of an exec that was never started. */
  | 'discard'
  | 'launched'
  | 'launchFailed'
  | 'announced'
  | 'announceFailed'
  /** The same for an init: its container is terminated and closed again, and the process with it. */
  | 'undone'
  | 'processExited'
  /** The container is gone, and its processes go with it. */
  | 'systemGone'
  /** ForceExit of an exec whose process may be alive; the command itself kills it when its turn comes. */
  | 'forceExit'
  /** The process was killed, and its end has not been reported within the bound. */
  | 'overdue'
  | 'drained'
  | 'released';

/** What the exec does on reaching a phase by an edge. Each effect ends by telling a fact, or does not matter. */
export type EffectName =
  /** Start the container (init), create the process. */
  | 'launch'
  /** Start the relays, publish the start event. */
  | 'announce'
  /** The start event is not to go out any more: there will be no exit event to it. */
  | 'takeBack'
  /** Listen for whichever ends first, process or container. */
  | 'watch'
  /** Listen for the end of the process alone. */
  | 'awaitExit'
  | 'kill'
  /** The same, after the commands that are under way. */
  | 'killInTurn'
  /** Give the process a bound in which to report its end. */
  | 'expectExit'
  /** Wait for the relays, within the drain policy. */
  | 'drain'
  /** Close the process handle and the upstream, publish the exit. */
  | 'release'
  /** Close the upstream, and a process that was made beforehand: nothing else is ours and nothing was announced. */
  | 'retire';

export interface Edge {
  readonly to: Phase;
  readonly effects: readonly EffectName[];
}

const edge = (to: Phase, ...effects: EffectName[]): Edge => ({ to, effects });

export const lifecycle: { readonly [P in Phase]: { readonly [F in FactName]?: Edge } } = {
  created: {
    start: edge('starting', 'launch'),
    discard: edge('releasing', 'retire'),
    systemGone: edge('releasing', 'retire'),
    // Only of a process that was made beforehand.
    processExited: edge('releasing', 'retire'),
  },
  starting: {
    launched: edge('announcing', 'announce'),
    launchFailed: edge('releasing', 'retire'),
    systemGone: edge('starting', 'killInTurn', 'expectExit'),
    forceExit: edge('starting', 'expectExit'),
    overdue: edge('releasing', 'retire'),
  },
  announcing: {
    announced: edge('running', 'watch'),
    // From the kill on it has its whole time to report its end, whoever has asked for that before.
    announceFailed: edge('aborting', 'expectExit', 'kill', 'awaitExit'),
    undone: edge('releasing', 'retire'),
    systemGone: edge('announcing', 'killInTurn', 'expectExit'),
    forceExit: edge('announcing', 'expectExit'),
    // The start still holds the turn that a kill would need, so nobody has killed it yet.
    overdue: edge('draining', 'takeBack', 'kill', 'drain'),
  },
  running: {
    processExited: edge('draining', 'drain'),
    systemGone: edge('running', 'killInTurn', 'expectExit', 'awaitExit'),
    forceExit: edge('running', 'expectExit'),
    overdue: edge('draining', 'kill', 'drain'),
  },
  aborting: {
    processExited: edge('draining', 'drain'),
    overdue: edge('draining', 'drain'),
  },
  draining: {
    drained: edge('releasing', 'release'),
  },
  releasing: {
    released: edge('released'),
  },
  released: {},
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
