/**
 * UTF-16 strings that the service returns. They are in its own memory and have to be freed by the caller.
 */
import { koffi, type NativeFunction } from '../../native/call/koffi.js';

/** An out parameter for the address of a string. */
export interface TextSlot {
  /** Pass it as the parameter, and keep it alive until the call has returned. */
  readonly slot: BigUint64Array;
  /** Reads and frees the string. `undefined` if there is none. */
  take(): string | undefined;
}

export const textSlot = (free: NativeFunction): TextSlot => {
  const slot = new BigUint64Array(1);
  return {
    slot,
    take: () => {
      const address = slot[0] ?? 0n;
      slot[0] = 0n;
      if (address === 0n) return undefined;
      const text = koffi().decode.string16(address);
      free(address);
      return text;
    },
  };
};

type Allocator = 'task memory' | 'local memory';

const freeing: Readonly<Record<Allocator, readonly [library: string, name: string]>> = {
  'task memory': ['ole32.dll', 'CoTaskMemFree'],
  'local memory': ['kernel32.dll', 'LocalFree'],
};

/** The function that frees strings of a library. Each library documents its own. */
export const freeFor = (allocator: Allocator): NativeFunction => {
  if (process.platform !== 'win32') return koffi().load(null).func('free', 'void', ['void *']);
  const [library, name] = freeing[allocator];
  return koffi().load(library).func('__stdcall', name, 'void', ['void *']);
};
