/**
 * The context that the processes of a system share.
 */
import type { HcsApi, Watched } from './service/api.js';

/** The receiver of warnings. A pino logger fits. */
export interface Warnings {
  warn(fields: object, message: string): void;
}

export interface SystemContext {
  readonly id: string;
  readonly api: HcsApi;
  readonly system: Watched;
  readonly log: Warnings | undefined;
}
