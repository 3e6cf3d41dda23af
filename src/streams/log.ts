/**
 * The log: pino's own, bound once for each exec. Absent means that nothing is formatted and nobody is asked.
 */
import type { Logger as PinoLogger } from 'pino';

/** As much of pino as is used here; a pino logger fits. */
export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'> & {
  child(bindings: Record<string, unknown>): Logger;
};
