/**
 * How a guest reaches this host: the small interface behind which every transport stands.
 *
 * The guest dials, always: once for the bridge, and once for each stream of each process, at a port that the host has
 * offered before it asked for the process. Node has no sockets of Hyper-V (hvsock) or of Linux's AF_VSOCK. Who has them
 * (a native module, a proxy in front) fulfils this interface: listen at vsock port P, which for hvsock is the service
 * `PPPPPPPP-facb-11e6-bd58-64006a7986d3` (P in hexadecimal), and hand over what is accepted as a Duplex.
 */
import type { Duplex } from 'node:stream';
import type { Observable } from 'rxjs';
import type { Act } from '../../contract/compute-process.js';
import type { BridgeConnection } from '../bridge/connection.js';

export interface GuestTransport {
  /**
   * Emits the guest's bridge connection when it has dialled, and completes. Takes no second one. Leaving ends the wait;
   * a connection that was emitted is the subscriber's.
   */
  openBridge(): Observable<BridgeConnection>;
  /** Emits when a guest can dial the port, and completes; errors when it cannot be offered. */
  offerPort(port: number): Observable<OfferedPort>;
  /**
   * Lets go of what it holds for all connections together, and completes when that is done. Asked for when the bridge has
   * ended, and possibly again.
   */
  close(): Act;
}

/** A port that one connection is awaited at. */
export interface OfferedPort {
  /**
   * Emits the connection, for every subscriber however late; a half-open one: its end of input is not its end. Completes
   * without one when the port was closed first, and errors when waiting failed.
   */
  readonly connection$: Observable<Duplex>;
  /** Takes the offer back, if nobody has come. A connection that was made is left alone. */
  close(): void;
}
