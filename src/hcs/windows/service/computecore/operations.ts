/**
 * The asynchronous operations of computecore.dll: a function starts one, the service calls back on completion, and the
 * result is read then. No thread waits meanwhile.
 *
 * The invariants: an operation is closed once, after its completion, even if the caller has unsubscribed or timed out;
 * its handles are holds until then.
 */
import { Observable } from 'rxjs';
import { isTimeout } from '../../../failures/classifiers.js';
import { normaliseHresult } from '../../../failures/codes.js';
import { hcsSentinelError } from '../../../failures/sentinels.js';
import { hcsStatusError } from '../../../failures/status-error.js';
import type { NativeFunction } from '../../../native/call/koffi.js';
import { type Service, serviceError } from '../call.js';
import type { Callback } from '../callback.js';
import type { Resource } from '../resource.js';
import type { Semaphore } from '../semaphore.js';

/** A requested operation. */
export interface Operation<T> {
  readonly name: string;
  readonly on?: readonly Resource[];
  /** The arguments after the handles, including the operation. */
  readonly args: (operation: number) => readonly unknown[];
  /** In milliseconds. */
  readonly timeout: number;
  /** Maps the result document of a successful operation. */
  readonly result: (document: string) => T;
  /** The buffer for the info of a created process. */
  readonly info?: DataView;
  /** Called if the operation succeeds after the caller has unsubscribed: releases the result. */
  readonly onUnwanted?: () => void;
  readonly semaphore?: Semaphore;
}

const outOfMemory = 8;
const ignore = (): void => undefined;

/** Called on the completion of an operation. */
export type Completed = () => void;

export interface OperationParts {
  readonly service: Service;
  readonly functions: Readonly<Record<string, NativeFunction>>;
  readonly completions: Callback<Completed>;
}

export type Operate = <T>(asked: Operation<T>) => Observable<T>;

export const operations = ({ service, functions, completions }: OperationParts): Operate => {
  const { call, text, warn } = service;
  const create = functions['HcsCreateOperation']!;

  return (asked) =>
    new Observable((listener) => {
      const { name, on = [], args, info, timeout, result, onUnwanted, semaphore } = asked;
      const holds = on.map((one) => one.hold());
      const number = completions.add(() => complete());
      const operation = create(number, completions.callback);

      const end = (): void => {
        completions.remove(number);
        if (operation !== 0)
          call({ name: 'HcsCloseOperation', args: [operation], hasDocument: false }).subscribe({
            error: ignore,
          });
        for (const { release } of holds) release();
      };

      /** Reading the result does not block, now that the operation is complete. */
      const complete = (): void => {
        const { slot, take } = text();
        const hresult = info
          ? functions['HcsGetOperationResultAndProcessInfo']!(operation, new Uint8Array(info.buffer), slot)
          : functions['HcsGetOperationResult']!(operation, slot);
        const document = take();
        const code = normaliseHresult(hresult);
        end();
        if (listener.closed) {
          if (code === undefined) onUnwanted?.();
        } else if (code !== undefined) listener.error(serviceError(name, code, document, warn));
        else {
          listener.next(result(document ?? ''));
          listener.complete();
        }
      };

      if (operation === 0) {
        end();
        listener.error(hcsStatusError(outOfMemory, `${name}: the operation cannot be allocated`));
        return;
      }
      const timer = setTimeout(() => {
        warn({ call: name, timeout }, 'an operation of the Host Compute Service does not end');
        listener.error(hcsSentinelError('timeout'));
      }, timeout);
      listener.add(() => clearTimeout(timer));
      // Once started, the operation completes whether or not the caller is still subscribed.
      call({
        name,
        on,
        args: args(operation),
        hasDocument: false,
        onMissed: end,
        ...(semaphore && { semaphore }),
      }).subscribe({
        error: (error) => {
          // An operation that failed to start does not complete. After a timeout it may still do.
          if (!isTimeout(error)) end();
          listener.error(error);
        },
      });
    });
};
