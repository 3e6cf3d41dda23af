/**
 * The state shared by everything on one connection to a guest.
 */
import type { SchedulerLike } from 'rxjs';
import type { SignalTable } from '../signals/options.js';
import type { Bridge } from './bridge/bridge.js';
import type { GuestTransport } from './transport/transport.js';

export interface GuestContext {
  readonly bridge: Bridge;
  readonly transport: GuestTransport;
  readonly scheduler: SchedulerLike;
  readonly signals: SignalTable;
  /** Allocates a port that was never offered on this connection. */
  readonly nextPort: () => number;
  /** Whether the end of the guest was requested here. */
  readonly powerOff: { requested: boolean };
}
