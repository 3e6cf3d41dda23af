/**
 * The whole state of an exec at one moment, as plain data. Its future depends on nothing else, so a state can be written
 * down and restored. Only the reducer makes one; it is never changed in place.
 *
 * Users see the part of it that is `ExecState`, in which errors are the original objects.
 */
import type { OutputGap } from '../../../hcs/contract/output-gap.js';
import type { ErrorData } from '../../error-data.js';
import { type IoError, noIoErrors } from '../../stdio/relay/io-error.js';
import type { OutputName } from '../../stdio/upstream.js';
import type { FactName, Phase, StateName } from './lifecycle.js';

/** How an exec ended. `status` is containerd's: an unsigned 32-bit number. */
export type ExecExit<E = unknown> = ExecEnding<E> & {
  readonly status: number;
  /** When the exit was known, in milliseconds since the epoch; taken before output is drained. */
  readonly at: number;
  /** The process never reported its exit within the timeout after a kill. It may still be alive. */
  readonly forced: boolean;
};

/** How an exec has ended. */
export type ExecEnding<E = unknown> =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: number }
  /** Its exit could not be learnt. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Killed, or its container gone, before it was started. */
  | { readonly kind: 'discarded' }
  | { readonly kind: 'startFailed'; readonly error: E };

/** The state of an exec, as `state$` emits it. */
export interface ExecState {
  readonly state: StateName;
  readonly phase: Phase;
  /** The fact that led here; `undefined` at first. */
  readonly via: FactName | undefined;
  /** 0 until the process exists; kept after its exit. */
  readonly pid: number;
  /** Whether the start event is published, and an exit event therefore due. */
  readonly announced: boolean;
  readonly exit: ExecExit | undefined;
  /** The failures of the caller's sources and sinks. Known from `releasing` on. */
  readonly ioErrors: readonly IoError[];
  /** Whether output is incomplete: cut by the drain policy, or dropped unread. Known from `releasing` on. */
  readonly truncated: boolean;
  /** The outputs asked for as `'pipe'` that hold bytes and had no reader. Known from `releasing` on. */
  readonly unread: readonly OutputName[];
  /** Output that could not be read because its process was adopted. Known from `releasing` on. */
  readonly gaps: readonly OutputGap[];
}

/** An exit with its error as data. */
export type RecordedExit = ExecExit<ErrorData>;

export interface RecordedIoError {
  readonly stream: IoError['stream'];
  readonly error: ErrorData;
}

/** The end of the process tree: the process with all its descendants. */
export type TreeState =
  /** There is no process, or its engine does not know what it has started. */
  | 'none'
  /** The exec does not wait for it. */
  | 'unawaited'
  /** The exec waits for it: output is drained, and the exec released, only afterwards. */
  | 'awaited'
  /** Nothing of it runs. */
  | 'gone'
  /** The exec no longer waits for it. */
  | 'timedOut';

export interface State extends Omit<ExecState, 'exit' | 'ioErrors'> {
  readonly exit: RecordedExit | undefined;
  readonly ioErrors: readonly RecordedIoError[];
  /** Everything that a start needs before its process can be created is done. */
  readonly prepared: boolean;
  /** Why the start failed; the error of the start command. */
  readonly failure: ErrorData | undefined;
  /** A kill waits in the queue of commands. */
  readonly killPending: boolean;
  /** SIGKILL, or the engine's equivalent, was sent to the process. */
  readonly killed: boolean;
  /** The status that ForceExit gave, for the case that the process never reports its own. */
  readonly forcedStatus: number | undefined;
  /** When the process is no longer expected to report its exit, in milliseconds since the epoch. */
  readonly exitDeadline: number | undefined;
  readonly tree: TreeState;
  /** When the end of the tree is no longer waited for, in milliseconds since the epoch. */
  readonly treeDeadline: number | undefined;
  /** Output is copied, or was cut. */
  readonly drained: boolean;
  /** The engine delivered a process after its start had timed out; it is killed and closed. */
  readonly abandoned: boolean;
}

export const initialState: State = {
  state: 'created',
  phase: 'created',
  via: undefined,
  pid: 0,
  announced: false,
  exit: undefined,
  ioErrors: noIoErrors as readonly never[],
  truncated: false,
  unread: [],
  gaps: [],
  prepared: false,
  failure: undefined,
  killPending: false,
  killed: false,
  forcedStatus: undefined,
  exitDeadline: undefined,
  tree: 'none',
  treeDeadline: undefined,
  drained: false,
  abandoned: false,
};
