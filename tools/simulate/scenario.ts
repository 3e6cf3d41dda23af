/**
 * A scenario: all that happens to one task and its execs, as data, so that it can be replayed, kept, and made smaller
 * by leaving things out. Times are virtual milliseconds; -1 is never. Exec 0 is the init.
 */
import type { DrainPolicy, Policies } from '../../src/streams/policies.js';

export type CommandName =
  | 'add'
  | 'start'
  | 'kill'
  | 'killAll'
  | 'forceExit'
  | 'stop'
  | 'stopLeader'
  | 'killTree'
  | 'resize'
  | 'closeIo'
  | 'delete'
  | 'wait'
  | 'pids';

/** How a process reports its end, or fails to. */
export type End =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: number }
  /** The wait for it fails; ends without a word; reports two different exits; comes late. */
  | { readonly kind: 'error' | 'silent' | 'never' }
  | { readonly kind: 'twice'; readonly code: number };

/** What a call to an engine, a publisher or a sink does in the place of what it ought to. */
export type Misdeed =
  /** Answers after a while, having done it then. */
  | 'late'
  /** Does it, and answers after a while. */
  | 'slow'
  /** Neither does it nor answers. */
  | 'hangs'
  /** Does it, and never answers. */
  | 'mute'
  | 'fails'
  /** Fails as a shell would: no such executable, or one that is not. */
  | 'refuses'
  /** Does it, and fails after a while. */
  | 'lies'
  | 'throws'
  | 'twice'
  | 'empty'
  | 'junk'
  /** A signal that is not delivered, or that reports that the process has stopped already. */
  | 'notDelivered'
  | 'stopped';

export type SimEvent =
  | {
      readonly kind: 'command';
      readonly at: number;
      readonly exec: number;
      readonly name: CommandName;
      /** The number that it takes; of `add` 1 when stdio is to be opened with the start. */
      readonly value: number;
      /** The time after which the caller unsubscribes. */
      readonly unsubscribesAt?: number;
    }
  /** How long the process of an exec lasts unless ended, how it then ends, how long its output is held after that. */
  | {
      readonly kind: 'life';
      readonly exec: number;
      readonly lasts: number;
      readonly end: End;
      readonly holds: number;
      /** Whether bytes flow while it is held. */
      readonly flows: boolean;
    }
  /** In worlds with bytes: what is written, and how it is taken. */
  | {
      readonly kind: 'stdio';
      readonly exec: number;
      readonly chunks: number;
      /** Between two chunks. */
      readonly every: number;
      /** `loop`: the caller reads it itself, as `'pipe'`. */
      readonly sink: SinkKind;
      /** How long a slow sink, or a loop, takes for one. */
      readonly ms: number;
      readonly stdin: 'none' | 'open' | 'ends' | 'stuck' | 'breaks';
    }
  /** It starts others, which last so long from its beginning unless ended, and may take no notice of SIGTERM. */
  | { readonly kind: 'tree'; readonly exec: number; readonly lasts: number; readonly deaf: boolean }
  /** It has a terminal. */
  | { readonly kind: 'terminal'; readonly exec: number }
  /** The process takes no notice of SIGTERM, or of no signal at all. */
  | { readonly kind: 'deaf'; readonly exec: number; readonly to: 'term' | 'all' }
  /** The process is killed from outside. */
  | { readonly kind: 'crash'; readonly at: number; readonly exec: number }
  | {
      readonly kind: 'fault';
      readonly exec: number;
      readonly call: string;
      readonly does: Misdeed;
      readonly ms: number;
      readonly times: number;
    }
  /** The container goes by itself. `orphans`: what ran in it never reports its end. */
  | {
      readonly kind: 'gone';
      readonly at: number;
      readonly how: 'ended' | 'lost' | 'error' | 'silent';
      readonly orphans: boolean;
    };

export type SinkKind = 'quick' | 'slow' | 'stalls' | 'breaks' | 'loop';

export type Bounds = Omit<Policies, 'drain'>;

/** How long what an engine was asked to do takes to come true, or a thing to be followed by what it brings about. */
export interface Lags {
  /** To the end of a container that was asked to end; -1 when it takes no notice. */
  readonly shutdown: number;
  /** To the exit of a process that was signaled. */
  readonly terminate: number;
  /** From a deadly signal to the death of the process. */
  readonly dying: number;
  /** From the report that a container is gone to those of its processes. */
  readonly exitReport: number;
  /** From the end of the init to that of its container; -1 when that stays. */
  readonly withInit: number;
}

export interface Scenario {
  readonly seed: number;
  /** Whether stdio is copied by the real relay; otherwise the relay is simulated at its port. */
  readonly bytes: boolean;
  /** Seed of the choices among what is ready at the same instant; 0 for first come, first served. */
  readonly ties: number;
  /** Faults end here, and everything that still runs is asked to end. */
  readonly healAt: number;
  /** Nothing is owed to a reader unless `stall` is said, as in the shim. */
  readonly drain: DrainPolicy;
  /**
   * `leaves`: a container leaves something with its runtime, which has to be deleted. `holds`: that too, and it is made,
   * with its init held, before it is started. Neither unless said.
   */
  readonly system?: 'leaves' | 'holds';
  /** The time after which the caller of the task unsubscribes. */
  readonly unsubscribesAt?: number;
  /** How long each milestone may take; the usual ones unless said. */
  readonly bounds?: Bounds;
  /** None unless said. */
  readonly lags?: Lags;
  /** Whether signals are sent in the background, as to Windows. */
  readonly background?: boolean;
  /** Whether somebody listens to every stream that there is, and not only to the states. */
  readonly listens?: boolean;
  readonly events: readonly SimEvent[];
}

/** Small, so that what happens often falls on the very instant of a bound. */
export const defaultBounds: Bounds = {
  exitTimeout: 50,
  publishTimeout: 40,
  closeTimeout: 30,
  endTimeout: 60,
};

export const noLags: Lags = { shutdown: 0, terminate: 0, dying: 0, exitReport: 0, withInit: -1 };

export const policiesIn = ({ drain, bounds = defaultBounds }: Scenario): Policies => ({
  drain: { stall: 0, ...drain },
  ...bounds,
});

/** The most chunks that are written to one output, and the longest that a slow sink takes for one. */
const slowest = 6 * 20;

/** How long a drain may take: what is owed to a slow reader, and one that stalls after it has taken some. */
export const drainBound = ({ cap, stall = 0 }: DrainPolicy): number =>
  stall === 0 ? cap : Math.max(cap, slowest + 2 * stall);

/** The id of an exec by its place in the scenario. */
export const idOf = (exec: number): string => (exec === 0 ? 't' : `e${exec}`);
