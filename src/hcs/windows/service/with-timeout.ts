/**
 * Limits the wait for the service. On timeout it errors with the service's own sentinel.
 */
import { type MonoTypeOperatorFunction, throwError, timeout } from 'rxjs';
import { hcsSentinelError } from '../../failures/sentinels.js';

/** @param time in milliseconds, until the first value or completion. */
export const withTimeout = <T>(time: number): MonoTypeOperatorFunction<T> =>
  timeout({ first: time, with: () => throwError(() => hcsSentinelError('timeout')) });
