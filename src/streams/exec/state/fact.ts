/** A fact with all that it means, as plain data. A fact that records a moment carries its time. */
import type { OutputGap } from '../../../hcs/contract/output-gap.js';
import type { ErrorData } from '../../error-data.js';
import type { OutputName } from '../../stdio/upstream.js';
import type { RecordedExit, RecordedIoError } from './state.js';

export type Fact =
  | { readonly type: 'start' | 'prepared' | 'announced' | 'released' | 'killSent' | 'treeAwaited' }
  | { readonly type: 'discard'; readonly status: number; readonly at: number }
  | {
      readonly type: 'launched';
      readonly pid: number;
      /** Whether the engine knows what the process starts. */
      readonly tree: boolean;
    }
  | { readonly type: 'launchFailed'; readonly failure: ErrorData; readonly at: number }
  | { readonly type: 'announceFailed'; readonly failure: ErrorData; readonly deadline: number }
  | { readonly type: 'undoing'; readonly failure: ErrorData }
  | { readonly type: 'undone'; readonly at: number }
  | { readonly type: 'processExited'; readonly exit: RecordedExit }
  | { readonly type: 'systemGone'; readonly at: number; readonly deadline: number }
  | { readonly type: 'forceExit'; readonly status: number; readonly deadline: number }
  | {
      readonly type: 'timedOut';
      readonly at: number;
      /** The exit that the process reported before its start event was published. */
      readonly reported?: RecordedExit;
    }
  | { readonly type: 'treeKilled'; readonly deadline: number }
  | { readonly type: 'treeEnded'; readonly outcome: 'gone' | 'timedOut' }
  | {
      readonly type: 'drained';
      readonly truncated: boolean;
      readonly unread: readonly OutputName[];
      readonly ioErrors: readonly RecordedIoError[];
      readonly gaps: readonly OutputGap[];
    };
