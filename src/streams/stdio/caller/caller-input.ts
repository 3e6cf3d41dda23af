/** Input that the caller itself writes, without a descriptor, so that it works with every engine. */

import { chunkBytes } from '../chunk-bytes.js';
import type { OpenedInput } from '../upstream/opened.js';
import { boundedPipe } from './bounded-pipe.js';

export const callerInput = (): OpenedInput => {
  const { write, end, cut, leave, [Symbol.asyncIterator]: iterate } = boundedPipe('refuse', 'the process');
  return {
    source: { [Symbol.asyncIterator]: iterate },
    caller: {
      // A rejection and no throw: what was wrong with one chunk leaves the pipe as it was.
      write: async (chunk) => write(chunkBytes(chunk)),
      end,
    },
    end,
    close: () => {
      cut();
      leave();
    },
  };
};
