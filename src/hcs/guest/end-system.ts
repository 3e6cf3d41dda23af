/**
 * Asks a guest to end a container, or itself. It is answered when that is under way; one that is gone has been ended.
 */
import { catchError, EMPTY, type MonoTypeOperatorFunction, type Observable, throwError, timeout } from 'rxjs';
import { hcsCodes } from '../failures/codes.js';
import { RxshimError } from '../failures/errors.js';
import { statusCodeOf } from '../failures/status-error.js';
import type { GuestContext } from './guest-context.js';

/** In milliseconds: shorter than that of other requests, and costs the request alone. */
const endTimeout = 30_000;

export const endSystem = (
  { bridge, scheduler }: GuestContext,
  id: string,
  how: 'shutdownGraceful' | 'shutdownForced',
): Observable<unknown> => {
  const late = () =>
    throwError(() => new RxshimError('unavailable', `${how} ${id}: no answer within ${endTimeout} ms`));
  return bridge
    .call(how, id, {}, { cancellable: true })
    .pipe(timeout({ first: endTimeout, scheduler, with: late }), unlessUnknown());
};

/** Completes instead, where the guest knows of no such container: what was to end or to go has gone. */
export const unlessUnknown = <T>(): MonoTypeOperatorFunction<T> =>
  catchError((error) => (isUnknown(error) ? EMPTY : throwError(() => error)));

const isUnknown = (error: unknown): boolean =>
  error instanceof Error && statusCodeOf(error.cause) === hcsCodes.computeSystemDoesNotExist;
