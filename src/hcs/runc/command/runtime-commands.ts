/**
 * What is asked of the runtime about one container, each a command that answers within a bound.
 */
import { ignoreElements, map, type Observable, tap } from 'rxjs';
import type { Delivery } from '../../contract/compute-process.js';
import { RxshimError } from '../../failures/errors.js';
import type { Runtime } from './runtime.js';
import { runtimeError, saysGone, saysUnknown, succeeded } from './runtime-error.js';

/** How long the runtime may take to answer, in milliseconds: enough for a machine that is very busy. */
export const patience = 30_000;

/** One of the verbs without an answer. */
export const order = (
  runtime: Runtime,
  id: string,
  verb: string,
  options: readonly string[] = [],
  within: number | undefined = patience,
): Observable<never> =>
  runtime.run({ args: [verb, ...options, id], ...(within && { patience: within }) }).pipe(
    tap((end) => {
      if (!succeeded(end)) throw runtimeError(runtime.name, verb, end);
    }),
    ignoreElements(),
  );

/** Signals the init, or, with `--all`, every process. */
export const orderKill = (
  runtime: Runtime,
  id: string,
  signal: number,
  options: readonly string[] = [],
): Observable<Delivery> =>
  runtime.run({ args: ['kill', ...options, id, String(signal)], patience }).pipe(
    map((end) => {
      if (succeeded(end)) return 'delivered';
      if (saysGone(end)) return 'notDelivered';
      throw runtimeError(runtime.name, 'kill', end);
    }),
  );

/** Completes when nothing of the container is left with the runtime. */
export const orderDelete = (
  runtime: Runtime,
  id: string,
  options: readonly string[] = [],
): Observable<never> =>
  runtime.run({ args: ['delete', ...options, id], patience }).pipe(
    tap((end) => {
      if (!succeeded(end) && !saysUnknown(end)) throw runtimeError(runtime.name, 'delete', end);
    }),
    ignoreElements(),
  );

export const orderPs = (runtime: Runtime, id: string): Observable<readonly number[]> =>
  runtime.run({ args: ['ps', '--format', 'json', id], patience }).pipe(
    map((end) => {
      if (!succeeded(end)) throw runtimeError(runtime.name, 'ps', end);
      return pidsIn(end.stdout) ?? rubbish(runtime, 'ps', end.stdout);
    }),
  );

const pidsIn = (text: string): readonly number[] | undefined => {
  try {
    const pids: unknown = JSON.parse(text) ?? [];
    return Array.isArray(pids) && pids.every(Number.isInteger) ? pids : undefined;
  } catch {
    return undefined;
  }
};

const rubbish = ({ name }: Runtime, verb: string, text: string): never => {
  throw new RxshimError(
    'unknown',
    `OCI runtime ${verb} failed: ${name} answered ${JSON.stringify(text.slice(0, 200))}`,
  );
};
