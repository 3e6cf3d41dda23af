/** What the handlers of one connection have in common. */
import type { SchedulerLike } from 'rxjs';
import type { Containers } from './containers.js';
import type { Dial } from './dialer.js';
import type { GuestEngine } from './guest-engine.js';
import type { ProcessTable } from './process-table.js';

export interface Session {
  readonly engine: GuestEngine;
  readonly dial: Dial;
  readonly scheduler: SchedulerLike;
  readonly containers: Containers;
  /** Processes that belong to no container. */
  readonly externals: ProcessTable;
  /** Whether the host is gone: what comes into being now must end at once. */
  over(): boolean;
  /** The guest was asked to power off. */
  powerOff(): void;
}
