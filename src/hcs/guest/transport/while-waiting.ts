/** For who waits at a port and may lose patience: leaving takes the offer back. */
import type { Duplex } from 'node:stream';
import { finalize, type Observable } from 'rxjs';
import type { OfferedPort } from './transport.js';

export const whileWaiting = (port: OfferedPort): Observable<Duplex> =>
  port.connection$.pipe(finalize(() => port.close()));
