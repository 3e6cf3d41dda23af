/**
 * The one function that the service calls back, and who is meant by each call.
 *
 * The service is given numbers instead of addresses, and never the same twice: a notice that comes late, or that is
 * meant for nobody here, finds nobody. The function itself stays for the life of Node, since a thread of the service's
 * may call it at any time.
 */
import { koffi, type NativeType } from '../native/call/koffi.js';

export interface Listeners<T> {
  /** The address to give to the service. */
  readonly callback: bigint;
  /** @returns the number to give to the service with it. */
  add(listener: T): number;
  remove(number: number): void;
  get(number: number): T | undefined;
}

/**
 * @param parameters the types of what the service passes.
 * @param told called with those, on this thread; the number among them leads to the listener. What it throws is lost.
 */
export const listeners = <T>(
  parameters: readonly NativeType[],
  told: (find: (number: number) => T | undefined, ...args: never[]) => void,
): Listeners<T> => {
  const known = new Map<number, T>();
  const find = (number: number): T | undefined => known.get(number);
  const { register, pointer, proto } = koffi();
  const callback = register(
    (...args: never[]) => {
      try {
        told(find, ...args);
      } catch (error) {
        // Into the service it cannot be thrown; a program that fails must not look as if it did not.
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
