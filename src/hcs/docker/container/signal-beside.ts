/** Signals what runs in a container beside its first process. */
import { catchError, concatMap, defer, EMPTY, ignoreElements, type Observable } from 'rxjs';
import { signalOthers } from '../../in-container/signal-script.js';
import { runInside } from '../exec/run-inside.js';
import { listPids } from './api-calls.js';
import type { Container } from './container.js';

/** As well as it can be: where the image has no shell its first process is signalled alone. */
export const signalBeside = (container: Container, signal: number): Observable<never> =>
  defer(() => (container.phase === 'running' ? listPids(container) : EMPTY)).pipe(
    concatMap((pids) => (pids.length > 1 ? runInside(container, signalOthers, String(signal)) : EMPTY)),
    ignoreElements(),
    catchError(() => EMPTY),
  );
