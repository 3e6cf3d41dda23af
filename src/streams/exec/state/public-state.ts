/** A state as users see it: with the original error objects in place of their data. */

import type { RxshimError } from '../../../hcs/failures/errors.js';
import { errorFrom } from '../../error-data.js';
import type { IoError } from '../../stdio/relay/io-error.js';
import type { ExecExit, ExecState, RecordedExit, RecordedIoError, State } from './state.js';

export const publicExit = (exit: RecordedExit): ExecExit =>
  exit.kind === 'startFailed' ? Object.assign({ ...exit }, { error: errorFrom(exit.error) }) : exit;

export const publicIoErrors = (ioErrors: readonly RecordedIoError[]): readonly IoError[] =>
  ioErrors.length === 0
    ? (ioErrors as readonly never[])
    : ioErrors.map(({ stream, error }) => ({ stream, error: errorFrom(error) as RxshimError }));

/** Whether users have seen this state already: steps that concern the exec alone change neither its phase nor its fact. */
export const isShown = (now: State, shown: State | undefined): boolean =>
  now.phase === shown?.phase && now.via === shown.via;

/** Most states hold no error, and are their own public form. */
export const publicState = (state: State): ExecState =>
  state.exit?.kind === 'startFailed' || state.ioErrors.length > 0
    ? Object.assign(
        { ...state },
        {
          exit: state.exit && publicExit(state.exit),
          ioErrors: publicIoErrors(state.ioErrors),
        },
      )
    : (state as ExecState & State);
