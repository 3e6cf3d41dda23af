/**
 * Interprets the service's answer to a signal or a kill: delivered, not delivered, or failed.
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

/** Whether the process was not found. Its exit notification may have been lost then. */
export const isNotFound = (error: unknown): boolean => missing.has(statusCodeOf(error) ?? 0);

/** Whether the process is ending already. The service then refuses to terminate it, which counts as delivered. */
export const isEnding = (error: unknown): boolean => isAccessIsDenied(error) || isAlreadyStopped(error);

export const delivered: Delivery = 'delivered';
export const alreadyStopped: Delivery = 'alreadyStopped';
export const notDelivered: Delivery = 'notDelivered';
