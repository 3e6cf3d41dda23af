/**
 * Streams that the caller itself reads or writes, without a descriptor, so that they work with every engine.
 *
 * Output that nobody reads holds up the process once the pipe is full. A reader that leaves (breaks out of its loop)
 * closes the pipe, and the process gets SIGPIPE at its next write, as in a shell. Where that is not wanted, the rest of
 * the output is read on and dropped.
 */
import type { ByteSink } from '../../../hcs/bytes.js';
import { type BoundedPipe, boundedPipe } from './bounded-pipe.js';
import { chunkBytes } from './chunk-bytes.js';
import type { OpenedInput, OpenedOutput } from './opened.js';
import type { ReaderLeaves } from './stdio-request.js';

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

export const callerOutput = (whenReaderLeaves: ReaderLeaves = 'close'): OpenedOutput => {
  const closes = whenReaderLeaves === 'close';
  const pipe = boundedPipe(closes ? 'refuse' : 'discard', 'the caller');
  const { write, end, cut, [Symbol.asyncIterator]: iterate } = pipe;
  const sink: ByteSink = closes ? new ClosingSink(pipe) : { write, end };
  // What is in the pipe outlives the exec, for a reader that comes late.
  return { sink, caller: { [Symbol.asyncIterator]: iterate }, close: cut };
};

// A class, since V8 makes a shape of its own for every object whose literal has a getter.
class ClosingSink implements ByteSink {
  readonly #pipe: BoundedPipe;

  constructor(pipe: BoundedPipe) {
    this.#pipe = pipe;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#pipe.write(chunk);
  }

  end(): void {
    this.#pipe.end();
  }

  get closed(): Promise<void> {
    return this.#pipe.whenLeft();
  }
}
