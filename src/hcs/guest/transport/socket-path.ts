/** What the kernel takes as the address of a unix socket. */
import { invalid } from '../../failures/errors.js';

/** `sun_path` has 108 bytes, of which the last one is a NUL. */
const longest = 107;

/** @throws RxshimError `invalidArgument`: Node would cut a longer path off, and listen elsewhere. */
export const requireSocketPath = (field: string, path: unknown): void => {
  if (typeof path !== 'string' || path === '') throw invalid(field, path, 'the path of a socket');
  if (Buffer.byteLength(path) > longest) throw invalid(field, path, `a path of at most ${longest} bytes`);
  if (path.includes('\0')) throw invalid(field, path, 'a path without a NUL character');
};
