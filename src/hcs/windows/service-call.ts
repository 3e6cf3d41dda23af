/**
 * Calls a function of the service on a thread of the pool, and makes an error of a failing HRESULT.
 *
 * The invariants: no more calls are under way than the lanes allow; the handles of a call are held until it has returned;
 * who loses interest, or patience, does not end the call.
 */
import { Observable } from 'rxjs';
import { hcsCodes, normaliseHresult } from '../failures/codes.js';
import { type HcsEvent, parseHcsResult } from '../failures/result.js';
import { hcsSentinelError } from '../failures/sentinels.js';
import { type HcsStatusError, hcsStatusError } from '../failures/status-error.js';
import type { NativeFunction } from '../native/call/koffi.js';
import { type Lane, lane } from './lane.js';
import type { Resource } from './resource.js';
import { type TextSlot, textSlot } from './texts.js';

/** A failing answer of the service. */
export interface ServiceError extends HcsStatusError {
  readonly call: string;
  readonly events: readonly HcsEvent[];
}

export interface ServiceCall<T> {
  readonly name: string;
  /** The handles it is given, as its first arguments. */
  readonly on?: readonly Resource[];
  readonly args?: readonly unknown[];
  /** What is made of its outcome, when it has succeeded, or is pending where that counts as success. */
  readonly result?: (pending: boolean) => T;
  readonly lane?: Lane;
  /** Whether "pending" is an answer like success: a notice will tell the rest. */
  readonly mayPend?: boolean;
  /** Whether the function has a result document as its last parameter. Default: yes. */
  readonly hasDocument?: boolean;
  /** Told when the call has returned, also when nobody waits any more: what came of it must not be lost. */
  readonly unwanted?: () => void;
  /** Told when it has failed, or was not made, and nobody waits any more. */
  readonly missed?: () => void;
}

export interface Service {
  call<T = void>(call: ServiceCall<T>): Observable<T>;
  readonly signals: Lane;
  text(): TextSlot;
  readonly warn: ServiceOptions['warn'];
}

export interface ServiceOptions {
  readonly functions: Readonly<Record<string, NativeFunction>>;
  readonly free: NativeFunction;
  /** In milliseconds: how long a caller waits for a call to return. */
  readonly timeout: number;
  readonly warn: (fields: object, message: string) => void;
}

const threads = (): number => Math.max(2, Number(process.env['UV_THREADPOOL_SIZE']) || 4);

export const service = ({ functions, free, timeout, warn }: ServiceOptions): Service => {
  const all = lane(threads() - 1);
  const signals = lane(Math.max(1, threads() - 2), all);
  const text = () => textSlot(free);

  const call = <T>(asked: ServiceCall<T>): Observable<T> =>
    new Observable((listener) => {
      const { name, on = [], args = [], hasDocument = true } = asked;
      const held = on.map((one) => one.hold());
      const document = text();
      const pends = (hresult: number): boolean =>
        asked.mayPend === true && normaliseHresult(hresult) === hcsCodes.operationPending;
      const timer = setTimeout(() => {
        warn({ call: name, timeout }, 'a call of the Host Compute Service does not return');
        listener.error(hcsSentinelError('timeout'));
      }, timeout);
      listener.add(() => clearTimeout(timer));
      (asked.lane ?? all)((done) => {
        // Given up while it waited for its turn: then it need not be made.
        if (listener.closed) {
          for (const { release } of held) release();
          done();
          asked.missed?.();
          return;
        }
        // Of a function without a result nothing comes.
        const answered = (failure: unknown, hresult = 0): void => {
          done();
          for (const { release } of held) release();
          const said = document.take();
          if (listener.closed) {
            if (failure === null && (hresult >= 0 || pends(hresult))) asked.unwanted?.();
            else asked.missed?.();
            return;
          }
          if (failure !== null) return listener.error(failure);
          const code = normaliseHresult(hresult);
          if (code !== undefined && !pends(hresult))
            return listener.error(serviceError(name, code, said, warn));
          listener.next(asked.result?.(code !== undefined) as T);
          listener.complete();
        };
        const handles = held.map(({ handle }) => handle);
        try {
          functions[name]!.async(...handles, ...args, ...(hasDocument ? [document.slot] : []), answered);
        } catch (error) {
          // Arguments that cannot be passed: no call was made, and none may be waited for.
          answered(error);
        }
      });
    });

  return { call, signals, text, warn };
};

/** The error for a code, with what the result document adds. */
export const serviceError = (
  call: string,
  code: number,
  document: string | undefined,
  warn: ServiceOptions['warn'],
): ServiceError => {
  const result = parseHcsResult(document);
  if (result === undefined) warn({ call, document }, 'a result document that cannot be read');
  return Object.assign(hcsStatusError(code, result?.message), { call, events: result?.events ?? [] });
};
