/**
 * The log: pino's own, bound once for each exec. If absent, nothing is formatted.
 */
import type { Logger as PinoLogger } from 'pino';
import type { SettleFailure } from '../operators/settle-within.js';

/** As much of pino as is used here; a pino logger fits. */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'> & {
  child(bindings: Record<string, unknown>): Logger;
};

/** Logs a failure of work that nothing waits for any longer, instead of raising an error. */
export const logFailure = (
  log: Logger | undefined,
  failure: SettleFailure | undefined,
  failing: string,
): void => {
  if (log === undefined || failure === undefined) return;
  log.warn({ err: failure.kind === 'failed' ? failure.error : 'no answer in time' }, failing);
};
