/**
 * The native function that the service calls back, with a table of the receivers.
 *
 * The service gets numbers instead of addresses, and no number is used twice, so a late callback finds no receiver. The
 * function is never freed, because a thread of the service may call it at any time.
 */
import { koffi, type NativeType } from '../../native/call/koffi.js';

export interface Callback<T> {
  /** The address to pass to the service. */
  readonly callback: bigint;
  /** @returns the number to pass with it. */
  add(listener: T): number;
  remove(number: number): void;
  get(number: number): T | undefined;
}

/**
 * @param parameters the types of the parameters.
 * @param onCall called on this thread with the arguments; one of them is the number that finds the receiver. Its
 * exceptions are rethrown outside of the callback.
 */
export const nativeCallback = <T>(
  parameters: readonly NativeType[],
  onCall: (find: (number: number) => T | undefined, ...args: never[]) => void,
): Callback<T> => {
  const known = new Map<number, T>();
  const find = (number: number): T | undefined => known.get(number);
  const { register, pointer, proto } = koffi();
  const callback = register(
    (...args: never[]) => {
      try {
        onCall(find, ...args);
      } catch (error) {
        // An exception cannot pass through the service. It is rethrown as an uncaught one.
        setImmediate(() => {
          throw error;
        });
      }
    },
    pointer(proto('__stdcall', 'void', parameters)),
  );
  let last = 0;
  return {
    callback,
    add: (listener) => {
      last += 1;
      known.set(last, listener);
      return last;
    },
    remove: (number) => void known.delete(number),
    get: find,
  };
};
