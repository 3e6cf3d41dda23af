/** Why writes to a stream are refused. */
import { RxshimError } from '../../hcs/failures/errors.js';

/** Why a write that was pending, or came late, is refused. */
export const closedError = (): RxshimError =>
  new RxshimError('failedPrecondition', 'the stream was closed before all was written');

/** The reader has left, which is no failure of anybody's: with the code that a pipe of the kernel has for it. */
export const leftError = (reader: string): RxshimError =>
  Object.assign(new RxshimError('failedPrecondition', `${reader} reads no more`), { code: 'EPIPE' });
