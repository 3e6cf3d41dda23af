/**
 * Answers what a failure means, whoever wrapped it and however deep.
 *
 * Every question is put to the error itself, its causes, and the members of aggregates among them; anything may be
 * asked about, also what is no error. What to do about the answer is the caller's business.
 */
import { errorChain, findInChain } from './chain.js';
import { hcsCodes } from './codes.js';
import { ranOutOfTime } from './network.js';
import { isSentinel } from './sentinels.js';
import { statusCodeOf } from './status-error.js';

type Classifier = (error: unknown) => boolean;

const carries = (...codes: readonly number[]): Classifier => {
  const wanted = new Set(codes);
  return (error) => {
    for (const link of errorChain(error)) {
      const code = statusCodeOf(link);
      if (code !== undefined && wanted.has(code)) return true;
    }
    return false;
  };
};

/** There is no such system or process. */
export const isNotExist = carries(hcsCodes.computeSystemDoesNotExist, hcsCodes.elementNotFound);

/** The system or process has stopped. An element that is not found counts as stopped too, besides not existing. */
export const isAlreadyStopped = carries(
  hcsCodes.alreadyStopped,
  hcsCodes.systemAlreadyStopped,
  hcsCodes.processAlreadyStopped,
  hcsCodes.elementNotFound,
);

/** The handle was closed on this side. */
export const isAlreadyClosed: Classifier = (error) =>
  findInChain(error, isSentinel('alreadyClosed')) !== undefined;

/** The operation goes on, and a notification will tell its end. */
export const isPending = carries(hcsCodes.operationPending);

/** Time ran out: while waiting for a notification, or in the network. */
export const isTimeout: Classifier = (error) =>
  findInChain(error, isSentinel('timeout')) !== undefined || ranOutOfTime(error);

/** The other side does not know the request, or not in this form. */
export const isNotSupported = carries(
  hcsCodes.invalidJson,
  hcsCodes.invalidData,
  hcsCodes.notSupported,
  hcsCodes.unknownMessage,
);

/** The system or process is in no state for the operation. */
export const isOperationInvalidState = carries(hcsCodes.operationInvalidState);

/** Access was denied; so it is, too, for a process that is just ending. */
export const isAccessIsDenied = carries(hcsCodes.operationAccessIsDenied);

/** The handle is not valid, or no longer. */
export const isErrorInvalidHandle = carries(hcsCodes.invalidHandle);
