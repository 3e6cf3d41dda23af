/**
 * A trace: what happened to one task and its execs, in order, as plain data. Simulated and real lives are recorded in this
 * one form, so that the same sentences are checked of both.
 *
 * `exec` is the exec's id; that of the task for its init; empty for what concerns the task or its container.
 */

/** How an exec ended, as far as it is plain data. */
export interface LoggedExit {
  readonly kind: string;
  readonly status: number;
  readonly at: number;
  readonly forced: boolean;
  /** Of an exit its code, of one by a signal the number of that; -1 of others. */
  readonly number?: number;
}

interface Moment {
  /** Milliseconds: virtual ones, or since the recording began. */
  readonly at: number;
  readonly exec: string;
}

export type Entry = Moment &
  (
    | {
        /** An exec emitted its state. */
        readonly is: 'state';
        readonly phase: string;
        readonly via: string | undefined;
        readonly pid: number;
        readonly exit: LoggedExit | undefined;
        readonly truncated: boolean;
        /** The streams whose source or sink is said to have failed; absent where there are none. */
        readonly ioErrors?: readonly string[] | undefined;
      }
    /** A source or sink of the caller's failed. */
    | { readonly is: 'ioFailed'; readonly stream: 'stdin' | 'stdout' }
    /** Something was asked of the container, or of a process. */
    | {
        readonly is: 'asked';
        readonly call: string;
        readonly pid: number;
        /** Of a signal its number, 0 of all else; not known of real lives. */
        readonly signal?: number;
        /** Asked of the process with all that it has started. */
        readonly tree?: boolean;
      }
    /** The engine answered, in whatever way. */
    | { readonly is: 'answered'; readonly call: string; readonly pid: number; readonly how: string }
    /** What a process has started began to run, or has ended. */
    | { readonly is: 'treeBegan' | 'treeEnded'; readonly pid: number }
    /** A process came into being, whether or not the engine said so. */
    | { readonly is: 'made'; readonly pid: number; readonly tree?: boolean }
    /** A process ended: `status` as containerd would get it, -1 if the engine never reports it. */
    | { readonly is: 'ended'; readonly pid: number; readonly kind: string; readonly status: number }
    /** The container is gone, and the engine said so. */
    | { readonly is: 'gone' }
    /** All output of the exec was passed on, or its reader broke it off. */
    | { readonly is: 'through'; readonly brokenOff?: boolean }
    /** A process wrote a chunk of output; a sink took it. Or its user gave it a chunk to read; it took that. */
    | { readonly is: 'wrote' | 'delivered' | 'fed' | 'took'; readonly chunk: number }
    /** A loop that read the output was over: it `ended`, or threw an error of this kind. */
    | { readonly is: 'readerDone'; readonly how: string }
    /** An event left for the publisher; or was taken by it; or is out, as the task emits it. */
    | {
        readonly is: 'attempt' | 'taken' | 'out';
        readonly event: string;
        readonly pid: number;
        readonly status: number;
        /** When the reported exit happened, by the clock of exits; -1 when it reports none. */
        readonly exitedAt?: number;
      }
    | { readonly is: 'command'; readonly number: number; readonly name: string; readonly value: number }
    /** What came of a command: `done`, or the kind of its error. */
    | {
        readonly is: 'answer';
        readonly number: number;
        readonly how: string;
        /** What stop says that it ended by. */
        readonly by?: string | undefined;
      }
    /** One of the other streams emitted: of an event its type, otherwise what it says of the exec's exit. */
    | {
        readonly is: 'heard';
        readonly stream: string;
        readonly value: string;
        readonly status: number;
        readonly truncated: boolean;
      }
    /** The caller of the command has unsubscribed. */
    | { readonly is: 'unsubscribed'; readonly number: number }
    /** Somebody who waited was answered, having come before the end or long after. */
    | { readonly is: 'waiter'; readonly came: 'early' | 'late'; readonly status: number }
    /** A public stream failed; or an error was not handled, or a real clock was asked, and then `exec` is empty. */
    | { readonly is: 'broken'; readonly stream: string }
    /** From here on nothing fails any more, and all that still runs is asked to end. */
    | { readonly is: 'healed' }
  );

/** One line for a reader. */
export const lineOf = (entry: Entry): string => {
  const { at, exec, is, place, ...rest } = entry as Entry & Record<string, unknown>;
  const words = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return `${String(at).padStart(6)} ms  ${exec.padEnd(3)} ${is.padEnd(8)} ${words.join(', ')}`.trimEnd();
};
