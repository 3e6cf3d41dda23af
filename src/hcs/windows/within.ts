/** Bounds a wait for the service, and says in its words that the bound was met. */
import { type MonoTypeOperatorFunction, throwError, timeout } from 'rxjs';
import { hcsSentinelError } from '../failures/sentinels.js';

/** @param time in milliseconds, for the first value or the end. */
export const within = <T>(time: number): MonoTypeOperatorFunction<T> =>
  timeout({ first: time, with: () => throwError(() => hcsSentinelError('timeout')) });
