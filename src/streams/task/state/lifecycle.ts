/**
 * The life of a task, as data: which fact leads from which phase to which, and which effects follow.
 *
 * One table for container, init, execs and deletion. The reducer walks it, the loop subscribes to its effects, and the
 * exhaustive spec is made from it. A fact that neither its phase nor `everywhere` lists changes nothing. An exec has a
 * table of its own (`exec/state/lifecycle.ts`): the task only has to know which execs there are.
 */

export type Phase =
  /** The stdio of the init is being opened. */
  | 'opening'
  /** The container is being created, with its init where its system does that. */
  | 'creating'
  /** The creation was cancelled, and the system has not finished it yet. */
  | 'abandoned'
  /** A container that was created after the cancellation is terminated and removed. */
  | 'discarding'
  /** There is no task: its creation failed or was cancelled. */
  | 'failed'
  /** There is an init, not yet released. */
  | 'up'
  /** The init is released. The container is requested to shut down. */
  | 'shuttingDown'
  | 'awaitingShutdown'
  | 'terminating'
  | 'awaitingTermination'
  /** The container is gone or has timed out: the task waits for its execs. */
  | 'awaitingExecs'
  /** The execs that are left are forced to exit, and waited for. */
  | 'endingExecs'
  | 'closing'
  /** The exit of the init is published, as soon as it is known whether its create event is out. */
  | 'publishingExit'
  /** All waiters have their answer. Only the deletion can follow. */
  | 'closed'
  /** A container that has ignored its termination is terminated again before it is removed. */
  | 'terminatingAgain'
  | 'awaitingTerminationAgain'
  | 'removing'
  /** Nothing of the container is left; the delete event is being published. */
  | 'deleted'
  /** The delete event is out: the last event of the task. */
  | 'over';

export type FactName =
  | 'opened'
  | 'created'
  | 'createFailed'
  /** The caller of the creation has unsubscribed. */
  | 'cancelled'
  | 'discarded'
  /** The create event is out. */
  | 'announced'
  | 'announceFailed'
  | 'initExited'
  | 'initReleased'
  /** A shutdown or a termination was requested, or the request failed. */
  | 'requested'
  | 'containerGone'
  /** The deadline has passed without the awaited event. */
  | 'timedOut'
  | 'execsReleased'
  | 'containerClosed'
  | 'exitPublished'
  | 'deleteRequested'
  | 'removed'
  | 'removalFailed'
  | 'deletePublished'
  /** The init was sent SIGKILL. */
  | 'killSent'
  | 'survivorTerminated'
  /** An id was taken for an exec whose stdio is being opened. */
  | 'execClaimed'
  | 'execAdded'
  | 'execForgotten';

export type EffectName =
  | 'open'
  | 'create'
  | 'closeUpstream'
  | 'discard'
  | 'watchInit'
  | 'announce'
  | 'endInit'
  | 'shutDown'
  | 'terminate'
  | 'terminateLeftover'
  | 'awaitGone'
  | 'awaitExecs'
  | 'endExecs'
  | 'closeContainer'
  | 'publishExit'
  | 'discardUnannounced'
  | 'remove'
  | 'publishDelete'
  /** Terminates the container of an init that outlives SIGKILL. */
  | 'awaitSurvivor';

/** Until when an effect may run. */
export type Scope =
  /** Until the phase changes. */
  | 'phase'
  /** Until it is known whether the create event is out. */
  | 'announcement'
  /** Until the init has exited. */
  | 'init'
  /** To its own end. */
  | 'detached';

export const scopes: { readonly [E in EffectName]: { readonly scope: Scope } } = {
  open: { scope: 'phase' },
  // A container that is created after the cancellation has to be discarded.
  create: { scope: 'detached' },
  closeUpstream: { scope: 'detached' },
  discard: { scope: 'phase' },
  watchInit: { scope: 'detached' },
  // A create event whose sender has undone the creation must not be sent later.
  announce: { scope: 'announcement' },
  endInit: { scope: 'detached' },
  shutDown: { scope: 'phase' },
  terminate: { scope: 'phase' },
  terminateLeftover: { scope: 'phase' },
  awaitGone: { scope: 'phase' },
  awaitExecs: { scope: 'phase' },
  endExecs: { scope: 'phase' },
  closeContainer: { scope: 'phase' },
  publishExit: { scope: 'phase' },
  discardUnannounced: { scope: 'phase' },
  remove: { scope: 'phase' },
  publishDelete: { scope: 'phase' },
  awaitSurvivor: { scope: 'init' },
};

export interface Edge {
  readonly to: Phase;
  readonly effects: readonly EffectName[];
}

const edge = (to: Phase, ...effects: EffectName[]): Edge => ({ to, effects });

export const lifecycle: { readonly [P in Phase]: { readonly [F in FactName]?: Edge } } = {
  opening: {
    opened: edge('creating', 'create'),
    createFailed: edge('failed'),
    cancelled: edge('failed'),
  },
  creating: {
    // Watched first: an init may be over before its creation is published.
    created: edge('up', 'watchInit', 'announce'),
    createFailed: edge('failed', 'closeUpstream'),
    cancelled: edge('abandoned'),
  },
  abandoned: {
    created: edge('discarding', 'discard'),
    createFailed: edge('failed', 'closeUpstream'),
  },
  discarding: { discarded: edge('failed') },
  failed: {},
  up: {
    announceFailed: edge('up', 'endInit'),
    cancelled: edge('up', 'endInit'),
    initReleased: edge('shuttingDown', 'shutDown'),
  },
  shuttingDown: {
    requested: edge('awaitingShutdown', 'awaitGone'),
    containerGone: edge('awaitingExecs', 'awaitExecs'),
  },
  awaitingShutdown: {
    containerGone: edge('awaitingExecs', 'awaitExecs'),
    timedOut: edge('terminating', 'terminate'),
  },
  terminating: {
    requested: edge('awaitingTermination', 'awaitGone'),
    containerGone: edge('awaitingExecs', 'awaitExecs'),
  },
  awaitingTermination: {
    containerGone: edge('awaitingExecs', 'awaitExecs'),
    timedOut: edge('awaitingExecs', 'awaitExecs'),
  },
  awaitingExecs: {
    execsReleased: edge('endingExecs', 'endExecs'),
    timedOut: edge('endingExecs', 'endExecs'),
  },
  endingExecs: { execsReleased: edge('closing', 'closeContainer') },
  closing: { containerClosed: edge('publishingExit', 'publishExit') },
  publishingExit: {
    announced: edge('publishingExit', 'publishExit'),
    announceFailed: edge('publishingExit', 'publishExit'),
    cancelled: edge('publishingExit', 'publishExit'),
    exitPublished: edge('closed', 'discardUnannounced'),
  },
  closed: {
    deleteRequested: edge('terminatingAgain', 'terminateLeftover'),
    // Only for a task that has no user: no delete event follows.
    discarded: edge('over'),
  },
  terminatingAgain: {
    requested: edge('awaitingTerminationAgain', 'awaitGone'),
    containerGone: edge('removing', 'remove'),
  },
  awaitingTerminationAgain: {
    containerGone: edge('removing', 'remove'),
    timedOut: edge('removing', 'remove'),
  },
  removing: {
    removed: edge('deleted', 'publishDelete'),
    removalFailed: edge('closed'),
  },
  deleted: { deletePublished: edge('over') },
  over: {},
};

/** Facts that mean the same in every phase from `up` on, and leave it as it is. */
export const everywhere: { readonly [F in FactName]?: readonly EffectName[] } = {
  announced: [],
  announceFailed: [],
  cancelled: [],
  initExited: [],
  killSent: ['awaitSurvivor'],
  survivorTerminated: [],
  execClaimed: [],
  execAdded: [],
  execForgotten: [],
};

/** The effects that run in each phase. A restored state starts them again. */
const running: { readonly [P in Phase]: readonly EffectName[] } = {
  opening: ['open'],
  creating: ['create'],
  abandoned: ['create'],
  discarding: ['discard'],
  failed: [],
  up: ['watchInit'],
  shuttingDown: ['shutDown'],
  awaitingShutdown: ['awaitGone'],
  terminating: ['terminate'],
  awaitingTermination: ['awaitGone'],
  awaitingExecs: ['awaitExecs'],
  endingExecs: ['endExecs'],
  closing: ['closeContainer'],
  publishingExit: ['publishExit'],
  closed: ['discardUnannounced'],
  terminatingAgain: ['terminateLeftover'],
  awaitingTerminationAgain: ['awaitGone'],
  removing: ['remove'],
  deleted: ['publishDelete'],
  over: [],
};

/** The fields of a state that decide how it goes on after a restore. */
interface Restored {
  readonly phase: Phase;
  readonly announcement: 'pending' | 'published' | 'failed';
  readonly survivorDeadline: number | undefined;
}

const beforeInit: ReadonlySet<Phase> = new Set(['opening', 'creating', 'abandoned', 'discarding', 'failed']);

export const hasInit = (phase: Phase): boolean => !beforeInit.has(phase);

/** The effects with which a restored state goes on. */
export const effectsToResume = ({
  phase,
  announcement,
  survivorDeadline,
}: Restored): readonly EffectName[] => [
  ...running[phase],
  ...(phase === 'up' && announcement === 'failed' ? (['endInit'] as const) : []),
  ...(hasInit(phase) && announcement === 'pending' ? (['announce'] as const) : []),
  ...(survivorDeadline === undefined ? [] : (['awaitSurvivor'] as const)),
];

const closedPhases: ReadonlySet<Phase> = new Set([
  'closed',
  'terminatingAgain',
  'awaitingTerminationAgain',
  'removing',
  'deleted',
  'over',
]);

/** Whether the exit of the init is published, and every waiter can have its answer. */
export const isClosed = ({ phase }: { readonly phase: Phase }): boolean => closedPhases.has(phase);

/** Whether the task is forgotten: commands no longer find it. */
export const isDeleted = ({ phase }: { readonly phase: Phase }): boolean =>
  phase === 'deleted' || phase === 'over';
