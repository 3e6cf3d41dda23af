/** The state of a task at one moment. Plain data, made only by the reducer: it can be written as JSON and read back. */
import type { ErrorData } from '../../error-data.js';
import { type IdMap, noIds } from './id-map.js';
import type { Phase } from './lifecycle.js';

export interface State {
  readonly phase: Phase;
  /** Whether the create event is out. `failed`: no other event follows, and nothing may be left of the task. */
  readonly announcement: 'pending' | 'published' | 'failed';
  /** Why there is no task: the error of its creation. Undefined for one that was cancelled. */
  readonly failure: ErrorData | undefined;
  readonly initExited: boolean;
  /** Until when the present phase waits, in milliseconds since the epoch. */
  readonly deadline: number | undefined;
  /** When the container of an init that does not end by SIGKILL is terminated. */
  readonly survivorDeadline: number | undefined;
  /** The execs other than the init. While the stdio of one is being opened, its id is taken but it does not exist. */
  readonly execs: IdMap<'opening' | 'added'>;
  /** The last request for an id, and whether it has got it. */
  readonly lastClaim: { readonly by: number; readonly granted: boolean } | undefined;
  /** The request whose deletion is under way or done. Others get `notFound` when it is done. */
  readonly deletedBy: number | undefined;
  /** Why the last removal failed. The task is still there, and can be deleted again. */
  readonly removalFailure: ErrorData | undefined;
}

export const initialState: State = {
  phase: 'opening',
  announcement: 'pending',
  failure: undefined,
  initExited: false,
  deadline: undefined,
  survivorDeadline: undefined,
  execs: noIds,
  lastClaim: undefined,
  deletedBy: undefined,
  removalFailure: undefined,
};
