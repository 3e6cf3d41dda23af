/**
 * The operations of computecore.dll: a function begins one, the service calls back when it is complete, and its result
 * can be asked for then. No thread waits meanwhile.
 *
 * The invariants: an operation is closed once, after its completion, however late that is and whoever still waits; the
 * handles that it works on are held until then.
 */
import { Observable } from 'rxjs';
import { isTimeout } from '../failures/classifiers.js';
import { normaliseHresult } from '../failures/codes.js';
import { hcsSentinelError } from '../failures/sentinels.js';
import { hcsStatusError } from '../failures/status-error.js';
import type { NativeFunction } from '../native/call/koffi.js';
import type { Lane } from './lane.js';
import type { Listeners } from './listeners.js';
import type { Resource } from './resource.js';
import { type Service, serviceError } from './service-call.js';

/** What an operation was begun for, and how. */
export interface Operation<T> {
  readonly name: string;
  readonly on?: readonly Resource[];
  /** The arguments after the handles, of which the operation is one. */
  readonly args: (operation: number) => readonly unknown[];
  /** In milliseconds. */
  readonly timeout: number;
  /** What is made of its document, when it has succeeded. */
  readonly result: (document: string) => T;
  /** Where its result puts a process. */
  readonly info?: DataView;
  /** Told when it has succeeded and nobody waits any more: what came of it must not be lost. */
  readonly unwanted?: () => void;
  readonly lane?: Lane;
}

const outOfMemory = 8;
const ignore = (): void => undefined;

/** What the service calls back with the number of an operation of its listener. */
export type Completed = () => void;

export interface OperationParts {
  readonly service: Service;
  readonly functions: Readonly<Record<string, NativeFunction>>;
  readonly completions: Listeners<Completed>;
}

export type Operate = <T>(asked: Operation<T>) => Observable<T>;

export const operations = ({ service, functions, completions }: OperationParts): Operate => {
  const { call, text, warn } = service;
  const create = functions['HcsCreateOperation']!;

  return (asked) =>
    new Observable((listener) => {
      const { name, on = [], args, info, timeout, result, unwanted, lane } = asked;
      const held = on.map((one) => one.hold());
      const number = completions.add(() => complete());
      const operation = create(number, completions.callback);

      const end = (): void => {
        completions.remove(number);
        if (operation !== 0)
          call({ name: 'HcsCloseOperation', args: [operation], hasDocument: false }).subscribe({
            error: ignore,
          });
        for (const { release } of held) release();
      };

      /** Asking does not wait, now that the operation is complete. */
      const complete = (): void => {
        const { slot, take } = text();
        const hresult = info
          ? functions['HcsGetOperationResultAndProcessInfo']!(operation, new Uint8Array(info.buffer), slot)
          : functions['HcsGetOperationResult']!(operation, slot);
        const document = take();
        const code = normaliseHresult(hresult);
        end();
        if (listener.closed) {
          if (code === undefined) unwanted?.();
        } else if (code !== undefined) listener.error(serviceError(name, code, document, warn));
        else {
          listener.next(result(document ?? ''));
          listener.complete();
        }
      };

      if (operation === 0) {
        end();
        listener.error(hcsStatusError(outOfMemory, `${name}: no operation could be made`));
        return;
      }
      const timer = setTimeout(() => {
        warn({ call: name, timeout }, 'an operation of the Host Compute Service does not end');
        listener.error(hcsSentinelError('timeout'));
      }, timeout);
      listener.add(() => clearTimeout(timer));
      // Begun is begun: the completion comes whether or not anyone waits for it.
      call({
        name,
        on,
        args: args(operation),
        hasDocument: false,
        missed: end,
        ...(lane && { lane }),
      }).subscribe({
        error: (error) => {
          // One that was not begun is not completed either. Of one that hangs nothing is known yet.
          if (!isTimeout(error)) end();
          listener.error(error);
        },
      });
    });
};
