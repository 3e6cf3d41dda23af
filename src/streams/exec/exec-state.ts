/**
 * What is known of an exec at one moment. Made only by the reducer; never changed in place.
 */
import { type IoError, noIoErrors } from '../stdio/io-error.js';
import type { OutputName } from '../stdio/upstream.js';
import type { FactName, Phase, StateName } from './lifecycle.js';

/** How an exec ended. `status` is what containerd is told: an unsigned 32-bit number. */
export type ExecExit = ExecEnding & {
  readonly status: number;
  /** When the end was known, in milliseconds since the epoch; taken before output is drained. */
  readonly at: number;
  /** The process never reported its end: it was given up after a kill. It may still be alive. */
  readonly forced: boolean;
};

export type ExecEnding =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: number }
  /** Its end could not be learnt. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Killed, or its container gone, before it was started. */
  | { readonly kind: 'discarded' }
  | { readonly kind: 'startFailed'; readonly error: unknown };

export interface ExecState {
  readonly state: StateName;
  readonly phase: Phase;
  /** The fact that led here; `undefined` at first. */
  readonly via: FactName | undefined;
  /** 0 until the process exists; kept after its exit. */
  readonly pid: number;
  /** Whether the start event is out, and an exit event therefore due. */
  readonly announced: boolean;
  readonly exit: ExecExit | undefined;
  /** What sources and sinks of the caller's failed with. Known from `releasing` on. */
  readonly ioErrors: readonly IoError[];
  /** Whether output is not all there: cut by the drain policy, or dropped unread. Known from `releasing` on. */
  readonly truncated: boolean;
  /** The outputs asked for as `'pipe'` that hold bytes and had no reader. Known from `releasing` on. */
  readonly unread: readonly OutputName[];
}

export const initialState: ExecState = {
  state: 'created',
  phase: 'created',
  via: undefined,
  pid: 0,
  announced: false,
  exit: undefined,
  ioErrors: noIoErrors,
  truncated: false,
  unread: [],
};
