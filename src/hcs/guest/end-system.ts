/**
 * Requests the end of a container or of the guest itself. The guest answers when the end is in progress. A container
 * that no longer exists counts as ended.
 */
import { catchError, EMPTY, type MonoTypeOperatorFunction, type Observable, throwError, timeout } from 'rxjs';
import { isAlreadyStopped } from '../failures/classifiers.js';
import { hcsCodes } from '../failures/codes.js';
import { kindOf, messageOf, RxshimError } from '../failures/errors.js';
import { statusCodeOf } from '../failures/status-error.js';
import type { GuestContext } from './guest-context.js';

/** In milliseconds. Shorter than for other requests; a timeout fails this request only. */
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

/** Completes if the guest knows no such container: it has ended or been deleted. */
export const unlessUnknown = <T>(): MonoTypeOperatorFunction<T> =>
  catchError((error) => (isUnknown(error) ? EMPTY : throwError(() => error)));

const isUnknown = (error: unknown): boolean =>
  error instanceof Error && statusCodeOf(error.cause) === hcsCodes.computeSystemDoesNotExist;

/**
 * Whether the container had ended before the request. The newest agents answer so, and older ones with the message of runc
 * while they have not noticed the end yet.
 */
export const hasEnded = (error: unknown): boolean =>
  isAlreadyStopped(error) || (kindOf(error) === 'unknown' && runcSaysEnded.test(messageOf(error)));

const runcSaysEnded = /process already finished|container not running/;
