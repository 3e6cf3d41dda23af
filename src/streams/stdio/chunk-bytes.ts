import { invalid } from '../../hcs/failures/errors.js';

/**
 * The bytes of one chunk of input; text becomes UTF-8.
 *
 * @throws RxshimError `invalidArgument` naming `stdin` for anything else.
 */
export const chunkBytes = (chunk: unknown): Uint8Array => {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw invalid('stdin', chunk, 'chunks of bytes or text');
};
