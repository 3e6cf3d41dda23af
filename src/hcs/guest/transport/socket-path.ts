/**
 * Validates the path of a unix socket.
 */
import { invalid } from '../../failures/errors.js';

/** `sun_path` has 108 bytes, including a final NUL. */
const longest = 107;

/** @throws RxshimError `invalidArgument`: Node would truncate a longer path and listen elsewhere. */
export const requireSocketPath = (field: string, path: unknown): void => {
  if (typeof path !== 'string' || path === '') throw invalid(field, path, 'the path of a socket');
  if (Buffer.byteLength(path) > longest) throw invalid(field, path, `a path of at most ${longest} bytes`);
  if (path.includes('\0')) throw invalid(field, path, 'a path without a NUL character');
};
