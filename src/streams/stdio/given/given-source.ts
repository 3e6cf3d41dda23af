/**
 * Everything that input can be read from, as one iterator: bytes, arrays and other iterables of bytes or text, readable
 * streams of Node, and those of the web.
 */
import { invalid } from '../../../hcs/failures/errors.js';
import type { Input, WebReadable } from '../upstream/stdio-request.js';

type Chunk = Uint8Array | string;

export type ChunkIterator = AsyncIterator<Chunk> | Iterator<Chunk>;

/** Streams of Node may have read ahead: their descriptor, of those that have one, is not all there is. */
export const isNodeStream = (stream: unknown): boolean => has(stream, 'pipe') && has(stream, 'on');

/** @throws RxshimError `invalidArgument` for what is known to be wrong before anything is read. */
export const isInput = (asked: unknown): asked is Input => {
  if (asked instanceof Uint8Array) return true;
  if (Array.isArray(asked)) {
    for (const chunk of asked) {
      if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
        throw invalid('stdin', chunk, 'an array of bytes or text');
    }
    return true;
  }
  if (has(asked, 'getReader')) {
    if ((asked as WebReadable).locked === true) throw invalid('stdin', asked, 'a stream that is not locked');
    return true;
  }
  return has(asked, Symbol.asyncIterator) || has(asked, Symbol.iterator);
};

/** Begins to read: what is locked, or is no longer there, is an error here. */
export const chunksOf = (input: Input): ChunkIterator => {
  if (input instanceof Uint8Array) return [input].values();
  if ('getReader' in input) return webChunks(input);
  return Symbol.asyncIterator in input ? input[Symbol.asyncIterator]() : input[Symbol.iterator]();
};

/** Not every stream of the web can be iterated. */
const webChunks = (stream: WebReadable): AsyncIterator<Chunk, undefined> => {
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value: value as Chunk };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
};

const has = (asked: unknown, member: PropertyKey): boolean =>
  typeof asked === 'object' &&
  asked !== null &&
  typeof (asked as Record<PropertyKey, unknown>)[member] === 'function';
