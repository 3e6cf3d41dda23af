/**
 * Ending a system that is ending, or has ended, is no error.
 */
import { EMPTY } from 'rxjs';
import type { Act } from '../contract/compute-process.js';
import { errorChain } from '../failures/chain.js';
import { hcsCodes } from '../failures/codes.js';
import { statusCodeOf } from '../failures/status-error.js';

const ending = new Set<number>([
  hcsCodes.alreadyStopped,
  hcsCodes.systemAlreadyStopped,
  hcsCodes.computeSystemDoesNotExist,
  hcsCodes.operationPending,
]);

/** Completes if the error means that the system has ended or is ending. Throws any other error. */
export const ignoreEnded = (error: unknown): Act => {
  for (const link of errorChain(error)) if (ending.has(statusCodeOf(link) ?? 0)) return EMPTY;
  throw error;
};
