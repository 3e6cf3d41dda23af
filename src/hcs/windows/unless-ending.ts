/** What is ending, or has ended, needs no second end. */
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

/** Nothing for the failure of an end that comes too late; any other failure is thrown on. */
export const unlessEnding = (error: unknown): Act => {
  for (const link of errorChain(error)) if (ending.has(statusCodeOf(link) ?? 0)) return EMPTY;
  throw error;
};
