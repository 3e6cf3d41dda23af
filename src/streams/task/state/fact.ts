/** The facts of a task with their fields, as plain data. Times are milliseconds since the epoch. */
import type { ErrorData } from '../../error-data.js';
import type { FactName } from './lifecycle.js';

export type Fact =
  | { readonly type: PlainFact }
  | { readonly type: 'createFailed' | 'announceFailed' | 'removalFailed'; readonly error: ErrorData }
  /** The deadline for what the next phase waits for. */
  | { readonly type: 'requested' | 'containerGone' | 'timedOut' | 'killSent'; readonly deadline: number }
  /** `by` is a number that no other request has. */
  | { readonly type: 'deleteRequested'; readonly by: number }
  | { readonly type: 'execClaimed'; readonly id: string; readonly by: number }
  | { readonly type: 'execAdded' | 'execForgotten'; readonly id: string };

export type PlainFact = Exclude<
  FactName,
  | 'createFailed'
  | 'announceFailed'
  | 'removalFailed'
  | 'requested'
  | 'containerGone'
  | 'timedOut'
  | 'killSent'
  | 'deleteRequested'
  | 'execClaimed'
  | 'execAdded'
  | 'execForgotten'
>;
