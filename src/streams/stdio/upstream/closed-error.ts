import { RxshimError } from '../../../hcs/errors.js';

/** Why a write that was pending, or came late, is refused. */
export const closedError = (): RxshimError =>
  new RxshimError('failedPrecondition', 'the stream was closed before all was written');
