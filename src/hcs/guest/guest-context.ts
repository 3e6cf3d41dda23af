/**
 * The state shared by everything on one connection to a guest.
 */
import type { SchedulerLike } from 'rxjs';
import type { Labels } from '../contract/ownership.js';
import type { SignalTable } from '../signals/options.js';
import type { Expectations } from './adopt/expectations.js';
import type { Bridge } from './bridge/bridge.js';
import type { GuestTransport } from './transport/transport.js';

export interface GuestContext {
  readonly bridge: Bridge;
  readonly transport: GuestTransport;
  readonly scheduler: SchedulerLike;
  readonly signals: SignalTable;
  /** Allocates a port that was never offered on this connection. */
  readonly nextPort: () => number;
  /** The records for a program that adopts its containers. Absent: nothing is recorded. */
  readonly records?: GuestRecords;
  /** Whether the end of the guest was requested here. */
  readonly powerOff: { requested: boolean };
}

export interface GuestRecords {
  readonly directory: string;
  readonly labels: Labels;
  /** The run of the agent, if it says so. */
  readonly instance: string | undefined;
  readonly expectations: Expectations;
}
