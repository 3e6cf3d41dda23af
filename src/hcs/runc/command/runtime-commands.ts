/**
 * The runtime's commands on one container. Each must answer within a timeout.
 */
import { ignoreElements, map, type Observable, tap } from 'rxjs';
import type { Delivery } from '../../contract/compute-process.js';
import { RxshimError } from '../../failures/errors.js';
import type { Runtime } from './runtime.js';
import { isNotFound, isNotRunning, runtimeError, succeeded } from './runtime-error.js';

/** How long the runtime may take to answer, in milliseconds. Long enough for a very busy machine. */
export const commandTimeout = 30_000;

/** Runs a verb that prints no answer. Completes when it has succeeded. */
export const runtimeCommand = (
  runtime: Runtime,
  id: string,
  verb: string,
  options: readonly string[] = [],
  timeout: number | undefined = commandTimeout,
): Observable<never> =>
  runtime.run({ args: [verb, ...options, id], ...(timeout && { timeout }) }).pipe(
    tap((end) => {
      if (!succeeded(end)) throw runtimeError(runtime.name, verb, end);
    }),
    ignoreElements(),
  );

/** Signals the init, or every process with `--all`. */
export const runcKill = (
  runtime: Runtime,
  id: string,
  signal: number,
  options: readonly string[] = [],
): Observable<Delivery> =>
  runtime.run({ args: ['kill', ...options, id, String(signal)], timeout: commandTimeout }).pipe(
    map((end) => {
      if (succeeded(end)) return 'delivered';
      if (isNotRunning(end)) return 'notDelivered';
      throw runtimeError(runtime.name, 'kill', end);
    }),
  );

/** Completes when the runtime has deleted the container or does not know it. */
export const runcDelete = (
  runtime: Runtime,
  id: string,
  options: readonly string[] = [],
): Observable<never> =>
  runtime.run({ args: ['delete', ...options, id], timeout: commandTimeout }).pipe(
    tap((end) => {
      if (!succeeded(end) && !isNotFound(end)) throw runtimeError(runtime.name, 'delete', end);
    }),
    ignoreElements(),
  );

export const runcPs = (runtime: Runtime, id: string): Observable<readonly number[]> =>
  runtime.run({ args: ['ps', '--format', 'json', id], timeout: commandTimeout }).pipe(
    map((end) => {
      if (!succeeded(end)) throw runtimeError(runtime.name, 'ps', end);
      return pidsIn(end.stdout) ?? throwMalformed(runtime, 'ps', end.stdout);
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

const throwMalformed = ({ name }: Runtime, verb: string, text: string): never => {
  throw new RxshimError(
    'unknown',
    `OCI runtime ${verb} failed: ${name} answered ${JSON.stringify(text.slice(0, 200))}`,
  );
};
