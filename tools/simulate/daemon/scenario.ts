/**
 * A scenario of the daemon: all that happens to the containers of one pod, as data, so that it can be replayed, kept, and
 * made smaller by leaving things out. Times are virtual milliseconds; -1 is never. Containers are numbered from 0, execs
 * from 1; exec 0 is the init.
 */
import type { Lags, SimEvent } from '../scenario.js';

/** The methods of the Task service; `killAll` is Kill with `all`. */
export type CallName =
  | 'state'
  | 'create'
  | 'start'
  | 'delete'
  | 'pids'
  | 'pause'
  | 'resume'
  | 'checkpoint'
  | 'kill'
  | 'killAll'
  | 'exec'
  | 'resizePty'
  | 'closeIO'
  | 'update'
  | 'wait'
  | 'stats'
  | 'connect'
  | 'shutdown';

/** Where in a call its connection is lost. */
export interface Cut {
  /**
   * `before`: the request is lost. `half`: only a part of it arrives. `during`: `ms` after the request arrived. `after`:
   * the answer is lost.
   */
  readonly when: 'before' | 'half' | 'during' | 'after';
  readonly ms: number;
}

/** How a call is made. */
export interface Manner {
  /** The timeout that the caller sets, in milliseconds; 0 for none. */
  readonly deadline: number;
  /** Only the first attempt is cut. */
  readonly cut?: Cut;
  /** How often it is made again after its deadline or the loss of its connection. */
  readonly repeats: number;
}

/** What containerd does with an event, in the place of taking it. */
export type EventMisdeed =
  /** Answers with an error. */
  | 'refuses'
  /** Neither takes it nor answers. */
  | 'hangs'
  /** Takes it after a while. */
  | 'late'
  /** Takes it, and the connection is lost before the answer. */
  | 'loses';

/** One container, as containerd handles it: create, start, wait, and delete after the exit. */
export interface ContainerEvent {
  readonly kind: 'container';
  readonly c: number;
  /** When the launcher is run for it. */
  readonly at: number;
  /** From then to the Create. */
  readonly createAfter: number;
  readonly create: Manner;
  /** From its creation to the Start; -1: it is never started. */
  readonly startAfter: number;
  readonly start: Manner;
  /** From the exit to the Delete; -1: it is not deleted before the faults end. */
  readonly deleteAfter: number;
  readonly delete: Manner;
  /** Whether containerd follows the Delete with a Shutdown. */
  readonly shutdown: boolean;
  /** How many containers of this id are made, one after the other. */
  readonly lives: number;
  readonly lags?: Lags;
}

/** What goes on below, in the container and its runtime: the events of the simulation of execs. */
export interface BelowEvent {
  readonly kind: 'below';
  readonly c: number;
  readonly event: Exclude<SimEvent, { kind: 'command' | 'stdio' | 'terminal' }>;
}

export interface CallEvent {
  readonly kind: 'call';
  readonly at: number;
  readonly c: number;
  readonly exec: number;
  readonly name: CallName;
  /** The signal of a kill. */
  readonly value: number;
  readonly manner: Manner;
}

export type DaemonEvent =
  | ContainerEvent
  | BelowEvent
  | CallEvent
  /** The connection of a container is lost while nothing needs to be under way. */
  | { readonly kind: 'cut'; readonly at: number; readonly c: number }
  /** containerd goes, with all connections, and is back after `away`. */
  | { readonly kind: 'restart'; readonly at: number; readonly away: number }
  | {
      readonly kind: 'event';
      readonly c: number;
      /** `any`, or the type of an event. */
      readonly type: string;
      readonly does: EventMisdeed;
      readonly ms: number;
      readonly times: number;
    }
  /** containerd forgets the container and removes its bundle. */
  | { readonly kind: 'vanish'; readonly at: number; readonly c: number }
  /** The daemon gets SIGTERM. */
  | { readonly kind: 'stop'; readonly at: number };

export interface DaemonScenario {
  readonly seed: number;
  /** Seed of the choices among what is ready at the same instant; 0 for first come, first served. */
  readonly ties: number;
  /** Faults end here, and every container is killed and deleted. */
  readonly healAt: number;
  /** How long the daemon stays after its last container. */
  readonly linger: number;
  /** The version of the Task service that containerd uses. */
  readonly version: 2 | 3;
  readonly events: readonly DaemonEvent[];
}

export const containerId = (c: number): string => `c${c}`;
export const execId = (exec: number): string => (exec === 0 ? '' : `e${exec}`);
