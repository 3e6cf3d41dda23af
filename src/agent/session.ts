/**
 * The state shared by the handlers of one connection.
 */
import type { SchedulerLike } from 'rxjs';
import type { Containers } from './container/table.js';
import type { Dial } from './dialer.js';
import type { AgentEngine } from './engine.js';
import type { ProcessTable } from './process/table.js';

export interface Session {
  readonly engine: AgentEngine;
  readonly dial: Dial;
  readonly scheduler: SchedulerLike;
  readonly containers: Containers;
  /** Processes outside of all containers. */
  readonly externals: ProcessTable;
  /** Whether the host has gone. What is created now must end at once. */
  over(): boolean;
  /** Called when the host asks for a power off. */
  powerOff(): void;
}
