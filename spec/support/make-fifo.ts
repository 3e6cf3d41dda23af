/** Makes a named pipe without a process for it: on a busy machine that would stop everything here for a tenth of a second. */
import { koffi, type NativeFunction } from '../../src/hcs/native/call/koffi.js';

let call: NativeFunction | undefined;

/** @throws an error that names the path. */
export const makeFifo = (path: string): void => {
  call ??= koffi().load(null).func('mkfifo', 'int', ['str', 'uint32']);
  if (call(path, 0o600) !== 0) throw new Error(`mkfifo ${path}: failed`);
};
