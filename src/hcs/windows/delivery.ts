/**
 * What the service's answer to a signal or a kill means: that it found its process, that it did not, or that it could
 * not be asked.
 */
import type { Delivery } from '../contract/compute-process.js';
import { isAccessIsDenied, isAlreadyStopped } from '../failures/classifiers.js';
import { hcsCodes } from '../failures/codes.js';
import { statusCodeOf } from '../failures/status-error.js';

const missing = new Set<number>([
  hcsCodes.operationInvalidState,
  hcsCodes.computeSystemDoesNotExist,
  hcsCodes.elementNotFound,
]);

/** Whether the process was not found: then its end may have been missed. */
export const isMissed = (error: unknown): boolean => missing.has(statusCodeOf(error) ?? 0);

/** Of a process that is ending, by itself or by an earlier kill, termination is refused: as good as delivered. */
export const endsAnyway = (error: unknown): boolean => isAccessIsDenied(error) || isAlreadyStopped(error);

export const delivered: Delivery = 'delivered';
export const notDelivered: Delivery = 'notDelivered';
