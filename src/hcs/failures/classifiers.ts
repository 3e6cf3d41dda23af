/**
 * Classifies a failure, however deep it is wrapped.
 *
 * Each question is asked of the error itself, its causes, and the members of aggregates. Any value is accepted, even
 * one that is no error. The caller decides what to do.
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

/** The system or process has stopped. "Element not found" counts as stopped as well as missing. */
export const isAlreadyStopped = carries(
  hcsCodes.alreadyStopped,
  hcsCodes.systemAlreadyStopped,
  hcsCodes.processAlreadyStopped,
  hcsCodes.elementNotFound,
);

/** The handle was closed on this side. */
export const isAlreadyClosed: Classifier = (error) =>
  findInChain(error, isSentinel('alreadyClosed')) !== undefined;

/** The operation continues, and a notification will report its completion. */
export const isPending = carries(hcsCodes.operationPending);

/** A timeout: of a notification, or in the network. */
export const isTimeout: Classifier = (error) =>
  findInChain(error, isSentinel('timeout')) !== undefined || ranOutOfTime(error);

/** The other side does not support the request or its form. */
export const isNotSupported = carries(
  hcsCodes.invalidJson,
  hcsCodes.invalidData,
  hcsCodes.notSupported,
  hcsCodes.unknownMessage,
);

/** The system or process is in the wrong state for the operation. */
export const isOperationInvalidState = carries(hcsCodes.operationInvalidState);

/** Access was denied. This is also the answer for a process that is ending. */
export const isAccessIsDenied = carries(hcsCodes.operationAccessIsDenied);

/** The handle is invalid or closed. */
export const isErrorInvalidHandle = carries(hcsCodes.invalidHandle);
