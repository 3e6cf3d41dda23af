/** What the processes of a system need of it. */
import type { HcsApi, Watched } from './hcs-api.js';

/** Where warnings go. A pino logger fits. */
export interface Warnings {
  warn(fields: object, message: string): void;
}

export interface SystemContext {
  readonly id: string;
  readonly api: HcsApi;
  readonly system: Watched;
  readonly log: Warnings | undefined;
}
