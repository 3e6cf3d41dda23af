/** Checks at intervals whether something still works. */
import {
  catchError,
  defer,
  exhaustMap,
  filter,
  from,
  map,
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  scan,
  take,
  timeout,
  timer,
} from 'rxjs';
import { RunError } from '../run/run-error.js';

/**
 * The check. It emits `true`, `false` or the events of a run, of which the result counts. It may also fail, which
 * is a `false`.
 */
export type Check = () => ObservableInput<unknown>;

/** Options of a health check. */
export interface HealthOptions {
  readonly check: Check;
  /** Milliseconds from the start until the first check. Default: `interval`. */
  readonly after?: number;
  /** Milliseconds between checks. Default 10000. A check that still runs is not started again. */
  readonly interval?: number;
  /** A check that takes longer has failed, and is unsubscribed from. Default 5000. */
  readonly timeout?: number;
  /** So many failures in a row are unhealthy. Default 3. */
  readonly failures?: number;
}

/** Emits once, when it is unhealthy. */
export const unhealthy = (
  { check, interval = 10_000, after = interval, timeout = 5_000, failures = 3 }: HealthOptions,
  scheduler: SchedulerLike,
): Observable<unknown> =>
  timer(after, interval, scheduler).pipe(
    exhaustMap(() => verdict(check, timeout, scheduler)),
    scan((inRow, good) => (good ? 0 : inRow + 1), 0),
    filter((inRow) => inRow >= failures),
    take(1),
  );

/** Emits once. */
export const verdict = (check: Check, within: number, scheduler: SchedulerLike): Observable<boolean> =>
  defer(() => from(check())).pipe(
    filter((said) => typeof said === 'boolean' || isResult(said)),
    map((said) => (isResult(said) ? !said.failed : said === true)),
    take(1),
    timeout({ first: within, scheduler }),
    catchError((error: unknown) => (isMistake(error) ? failWith(error) : of(false))),
  );

const isResult = (said: unknown): said is { readonly kind: 'result'; readonly failed: boolean } =>
  typeof said === 'object' && said !== null && 'kind' in said && said.kind === 'result';

const isMistake = (error: unknown): boolean => error instanceof TypeError && !(error instanceof RunError);

const failWith = (error: unknown): never => {
  throw error;
};
