/**
 * Texts that the service hands out: UTF-16, of its own memory, to be freed by whoever takes them.
 */
import { koffi, type NativeFunction } from '../native/call/koffi.js';

/** Where a function puts the address of a text. */
export interface TextSlot {
  /** To be passed for the parameter; must stay alive until the call has returned. */
  readonly slot: BigUint64Array;
  /** Reads and frees it, once; `undefined` where nothing was put. */
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

/** What frees texts of a library: each of the two has a documented way of its own. */
export const freeFor = (allocator: Allocator): NativeFunction => {
  if (process.platform !== 'win32') return koffi().load(null).func('free', 'void', ['void *']);
  const [library, name] = freeing[allocator];
  return koffi().load(library).func('__stdcall', name, 'void', ['void *']);
};
