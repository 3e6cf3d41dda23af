/** A way to a guest in memory: the double of a guest has the connection, and dials ports by asking for them. */
import type { Duplex } from 'node:stream';
import { AsyncSubject, EMPTY, of } from 'rxjs';
import type { BridgeConnection } from '../../src/hcs/guest/bridge/connection.js';
import type { GuestTransport } from '../../src/hcs/guest/transport/transport.js';
import { duplexPair } from './duplex-pair.js';

export interface MemoryTransport extends GuestTransport {
  /** The guest's end of a connection to a port; `undefined` where none is offered, or no longer. */
  dial(port: number): Duplex | undefined;
  readonly offered: ReadonlySet<number>;
}

export const memoryTransport = (connection: BridgeConnection): MemoryTransport => {
  const offers = new Map<number, AsyncSubject<Duplex>>();
  return {
    openBridge: () => of(connection),
    offerPort: (port) => {
      const connection$ = new AsyncSubject<Duplex>();
      offers.set(port, connection$);
      const close = (): void => {
        offers.delete(port);
        connection$.complete();
      };
      return of({ connection$, close });
    },
    dial: (port) => {
      const offer = offers.get(port);
      if (offer === undefined) return undefined;
      offers.delete(port);
      const [host, guest] = duplexPair();
      offer.next(host);
      offer.complete();
      return guest;
    },
    get offered() {
      return new Set(offers.keys());
    },
    close: () => EMPTY,
  };
};
