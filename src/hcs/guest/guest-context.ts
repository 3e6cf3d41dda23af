/** What all that stands on one connection to a guest has in common. */
import type { SchedulerLike } from 'rxjs';
import type { SignalTable } from '../signals/options.js';
import type { Bridge } from './bridge/bridge.js';
import type { GuestTransport } from './transport/transport.js';

export interface GuestContext {
  readonly bridge: Bridge;
  readonly transport: GuestTransport;
  readonly scheduler: SchedulerLike;
  readonly signals: SignalTable;
  /** A port that was never offered before on this connection. */
  readonly nextPort: () => number;
}
