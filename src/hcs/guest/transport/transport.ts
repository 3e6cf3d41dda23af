/**
 * The interface of a transport: how a guest reaches this host.
 *
 * The guest always connects: once for the bridge, and once for each stream of each process, to a port that the host has
 * offered before the request. Node supports neither Hyper-V sockets (hvsock) nor AF_VSOCK. A native module or a proxy
 * that does can implement this interface: listen at vsock port P, which for hvsock is the service
 * `PPPPPPPP-facb-11e6-bd58-64006a7986d3` (P in hexadecimal), and pass on accepted connections as a Duplex.
 */
import type { Duplex } from 'node:stream';
import { map, type Observable } from 'rxjs';
import type { Act } from '../../contract/compute-process.js';
import type { BridgeConnection } from '../bridge/connection.js';
import { duplexSocket } from '../stdio/duplex-socket.js';
import type { StdioSocket } from '../stdio/stdio-socket.js';

/** How a guest is reached: where it dials, and how its streams are opened. */
export interface GuestTransport {
  /**
   * Emits the guest's bridge connection, and completes. Later ones are refused. An unsubscribe ends the wait; the
   * subscriber owns an emitted connection.
   */
  openBridge(): Observable<BridgeConnection>;
  /** Emits when a guest can connect to the port, and completes. Errors if it cannot be offered. */
  offerPort(port: number): Observable<OfferedPort>;
  /** The same for a stream of a process, by a cheaper kind of connection. Absent: by `offerPort`. @internal */
  offerStdio?(port: number): Observable<OfferedStdioPort>;
  /**
   * The same for an exec, by a port that is free again or by the next one. Absent: by `offerStdio`. @internal
   */
  reuseStdio?(nextPort: () => number): Observable<NumberedPort>;
  /**
   * Closes what all connections share, and completes when that is done. Called when the bridge has ended, possibly more
   * than once.
   */
  close(): Act;
}

/** A port offered for a single connection. */
export interface OfferedPort {
  /**
   * Emits the connection, also to late subscribers. It is half-open: its end of input is not its end. Completes without
   * one if the port was closed first, and errors if waiting failed.
   */
  readonly connection$: Observable<Duplex>;
  /** Closes the port if it has no connection yet. An existing connection is left alone. */
  close(): void;
}

/** A port offered for a stream of a process. */
export interface OfferedStdioPort {
  /** As that of an `OfferedPort`, but only after `accept`. */
  readonly connection$: Observable<StdioSocket>;
  /**
   * Takes the connection: at once if the guest has made it, as it does before it answers, otherwise when it comes. May be
   * called more than once.
   */
  accept(): void;
  /** Closes the port, unless it has had its connection and may be released later. May be called more than once. */
  close(): void;
  /**
   * Instead of `close`, when the process has ended and the guest has ended the stream: the port may be offered again.
   */
  release?(): void;
}

export interface NumberedPort {
  readonly number: number;
  readonly port: OfferedStdioPort;
}

/** A port of any transport. */
export const asStdioPort = ({ connection$, close }: OfferedPort): OfferedStdioPort => ({
  connection$: connection$.pipe(map(duplexSocket)),
  accept: () => undefined,
  close,
});
