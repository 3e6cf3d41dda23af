/**
 * Closes a port when its waiting subscriber unsubscribes.
 */
import type { Duplex } from 'node:stream';
import { finalize, type Observable } from 'rxjs';
import type { OfferedPort } from './transport.js';

export const whileWaiting = (port: OfferedPort): Observable<Duplex> =>
  port.connection$.pipe(finalize(() => port.close()));
