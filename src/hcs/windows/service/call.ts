/**
 * Calls a function of the service on a thread of the pool, and turns a failing HRESULT into an error.
 *
 * The invariants: the semaphores limit the number of calls in flight; the handles of a call are holds until it has
 * returned; an unsubscribe or a timeout does not end the call.
 */
import { Observable } from 'rxjs';
import { hcsCodes, normaliseHresult } from '../../failures/codes.js';
import { type HcsEvent, parseHcsResult } from '../../failures/result.js';
import { hcsSentinelError } from '../../failures/sentinels.js';
import { type HcsStatusError, hcsStatusError } from '../../failures/status-error.js';
import type { NativeFunction } from '../../native/call/koffi.js';
import type { Resource } from './resource.js';
import { type Semaphore, semaphore } from './semaphore.js';
import { type TextSlot, textSlot } from './strings.js';

/** An error that the service returned. */
export interface ServiceError extends HcsStatusError {
  readonly call: string;
  readonly events: readonly HcsEvent[];
}

export interface ServiceCall<T> {
  readonly name: string;
  /** The handles, passed as the first arguments. */
  readonly on?: readonly Resource[];
  readonly args?: readonly unknown[];
  /** Maps the outcome of a successful call, or of a pending one if `mayPend` is set. */
  readonly result?: (pending: boolean) => T;
  readonly semaphore?: Semaphore;
  /** Whether "pending" counts as success. A notification reports the completion then. */
  readonly mayPend?: boolean;
  /** Whether the last parameter of the function is a result document. Default: yes. */
  readonly hasDocument?: boolean;
  /** Called if the call succeeds after the caller has unsubscribed: releases the result. */
  readonly onUnwanted?: () => void;
  /** Called if the call fails, or is not made, after the caller has unsubscribed. */
  readonly onMissed?: () => void;
}

export interface Service {
  call<T = void>(call: ServiceCall<T>): Observable<T>;
  readonly signals: Semaphore;
  text(): TextSlot;
  readonly warn: ServiceOptions['warn'];
}

export interface ServiceOptions {
  readonly functions: Readonly<Record<string, NativeFunction>>;
  readonly free: NativeFunction;
  /** How long a caller waits for a call to return, in milliseconds. */
  readonly timeout: number;
  readonly warn: (fields: object, message: string) => void;
}

const threads = (): number => Math.max(2, Number(process.env['UV_THREADPOOL_SIZE']) || 4);

export const service = ({ functions, free, timeout, warn }: ServiceOptions): Service => {
  const all = semaphore(threads() - 1);
  const signals = semaphore(Math.max(1, threads() - 2), all);
  const text = () => textSlot(free);

  const call = <T>(asked: ServiceCall<T>): Observable<T> =>
    new Observable((listener) => {
      const { name, on = [], args = [], hasDocument = true } = asked;
      const holds = on.map((one) => one.hold());
      const document = text();
      const pends = (hresult: number): boolean =>
        asked.mayPend === true && normaliseHresult(hresult) === hcsCodes.operationPending;
      const timer = setTimeout(() => {
        warn({ call: name, timeout }, 'a call of the Host Compute Service does not return');
        listener.error(hcsSentinelError('timeout'));
      }, timeout);
      listener.add(() => clearTimeout(timer));
      (asked.semaphore ?? all)((done) => {
        // The caller has unsubscribed while the call was queued: it is not made.
        if (listener.closed) {
          for (const { release } of holds) release();
          done();
          asked.onMissed?.();
          return;
        }
        // A function without a result returns no HRESULT.
        const answered = (failure: unknown, hresult = 0): void => {
          done();
          const resultDocument = document.take();
          if (listener.closed) {
            // Before the handles are released: closing one has to know what this call has done to it.
            if (failure === null && (hresult >= 0 || pends(hresult))) asked.onUnwanted?.();
            else asked.onMissed?.();
          }
          for (const { release } of holds) release();
          if (listener.closed) return;
          if (failure !== null) return listener.error(failure);
          const code = normaliseHresult(hresult);
          if (code !== undefined && !pends(hresult))
            return listener.error(serviceError(name, code, resultDocument, warn));
          listener.next(asked.result?.(code !== undefined) as T);
          listener.complete();
        };
        const handles = holds.map(({ handle }) => handle);
        try {
          functions[name]!.async(...handles, ...args, ...(hasDocument ? [document.slot] : []), answered);
        } catch (error) {
          // The arguments cannot be passed: no call was made.
          answered(error);
        }
      });
    });

  return { call, signals, text, warn };
};

/** The error for a code, with the details of the result document. */
export const serviceError = (
  call: string,
  code: number,
  document: string | undefined,
  warn: ServiceOptions['warn'],
): ServiceError => {
  const result = parseHcsResult(document);
  if (result === undefined) warn({ call, document }, 'unreadable result document');
  return Object.assign(hcsStatusError(code, result?.message), { call, events: result?.events ?? [] });
};
