/**
 * The failures of a request as distinguishable errors.
 *
 * A refusal of the guest carries its HRESULT (`cause.hresult`, see `failures/classifiers.ts`). A missing bridge is
 * `unavailable`, with the reason.
 */

import { isAlreadyStopped, isNotExist, isNotSupported } from '../../failures/classifiers.js';
import { type ErrorKind, messageOf, RxshimError } from '../../failures/errors.js';
import { type HcsStatusError, hcsStatusError } from '../../failures/status-error.js';
import { hresults } from '../protocol/hresults.js';
import type { ResponseBase } from '../protocol/messages.js';

/** The error for a refusal of the guest. */
export const guestFailure = (what: string, { Result, ErrorMessage }: ResponseBase): RxshimError => {
  const cause = hcsStatusError(Result, ErrorMessage);
  return new RxshimError(kindOfFailure(cause), `${what}: guest RPC failure: ${cause.message}`, { cause });
};

const kinds = new Map<number, ErrorKind>([
  [hresults.systemAlreadyExists, 'alreadyExists'],
  [hresults.invalidState, 'failedPrecondition'],
  [hresults.notImplemented, 'notImplemented'],
  [hresults.timeout, 'unavailable'],
  [0x57, 'invalidArgument'],
]);

const kindOfFailure = (error: HcsStatusError): ErrorKind => {
  if (isNotExist(error)) return 'notFound';
  if (isAlreadyStopped(error)) return 'failedPrecondition';
  if (isNotSupported(error)) return 'invalidArgument';
  return kinds.get(error.hresult) ?? 'unknown';
};

/** How a bridge ended: closed here, ended by the guest, or by an error. */
export interface BridgeEnd {
  readonly by: 'host' | 'guest' | 'error';
  readonly error?: unknown;
}

/** The error of a request without a bridge. */
export const bridgeClosed = ({ by, error }: BridgeEnd): RxshimError => {
  if (by === 'host') return new RxshimError('unavailable', 'the bridge to the guest was closed');
  if (by === 'guest') return new RxshimError('unavailable', 'the bridge to the guest was ended by the guest');
  return new RxshimError('unavailable', `the bridge to the guest has failed: ${messageOf(error)}`, {
    cause: error,
  });
};
