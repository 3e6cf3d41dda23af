/** A trace of the daemon: what happened to the containers of one pod, in order, as plain data. */
import type { Entry } from '../trace.js';
import type { CallName, Cut } from './scenario.js';

/** What a caller learned of a process: from State, Wait or Delete. */
export interface Learned {
  /** Of State alone. */
  readonly status?: string;
  readonly pid?: number;
  readonly exitStatus?: number;
}

/** What happened to a call. */
export type CallEntry =
  | {
      readonly is: 'called';
      readonly call: number;
      readonly c: number;
      readonly e: number;
      readonly name: CallName | 'join';
      readonly value: number;
      readonly deadline: number;
      readonly cut: Cut | undefined;
      readonly daemon: number;
    }
  /** Its request has arrived at the daemon; the daemon has sent an answer; its connection was lost before one came. */
  | { readonly is: 'received' | 'sent' | 'lost'; readonly call: number }
  /** What its caller heard: `ok`, or the kind of the error. */
  | {
      readonly is: 'heard';
      readonly call: number;
      readonly how: string;
      readonly message: string;
      readonly learned: Learned | undefined;
    };

/** An attempt to publish an event, as containerd saw it. */
export type EventEntry =
  | {
      readonly is: 'attempt';
      readonly attempt: number;
      readonly daemon: number;
      readonly c: number;
      readonly type: string;
      /** The exec that it is about; empty for the init. */
      readonly exec: string;
      readonly pid: number;
      readonly status: number;
      /** When the event happened, as its envelope says. */
      readonly stamp: number;
      readonly does: 'takes' | 'refuses' | 'hangs' | 'late' | 'loses';
    }
  /** containerd has taken it; the daemon has heard so. */
  | { readonly is: 'taken' | 'acknowledged'; readonly attempt: number };

export type DaemonEntry = { readonly at: number } & (
  | CallEntry
  | EventEntry
  /** Something in a container, or in what runs it. `life` is the how-manieth container of its id. */
  | { readonly is: 'below'; readonly c: number; readonly life: number; readonly entry: Entry }
  | {
      readonly is: 'daemon';
      readonly daemon: number;
      readonly does: 'starts' | 'isStopped' | 'socketReleased' | 'left';
    }
  | { readonly is: 'containerd'; readonly does: 'goes' | 'comes' }
  | { readonly is: 'bundle'; readonly c: number; readonly does: 'made' | 'removed' }
  /** containerd has nothing more to do for a container: it is deleted, or could not be. */
  | { readonly is: 'finished'; readonly c: number; readonly how: 'deleted' | 'forgotten' | 'stuck' }
  | { readonly is: 'broken'; readonly what: string }
  | { readonly is: 'log'; readonly level: string; readonly message: string }
  | { readonly is: 'healed' }
);

export type Unplaced = DaemonEntry extends infer E ? (E extends DaemonEntry ? Omit<E, 'at'> : never) : never;

/** One line for a reader. */
export const daemonLineOf = (entry: DaemonEntry): string => {
  const { at, ...rest } = entry.is === 'below' ? belowOf(entry) : { ...entry };
  const { is, ...facts } = rest as Record<string, unknown>;
  const words = Object.entries(facts)
    .filter(([, value]) => value !== undefined && value !== false && value !== '')
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return `${String(at).padStart(9)} ms  ${String(is).padEnd(10)} ${words.join(', ')}`.trimEnd();
};

const belowOf = ({
  at,
  c,
  life,
  entry,
}: Extract<DaemonEntry, { is: 'below' }>): { readonly at: number; readonly is: string } => {
  const { at: _, is, exec, ...rest } = entry;
  return Object.assign({ at, is: `: ${is}` }, { c, life, exec }, rest);
};
