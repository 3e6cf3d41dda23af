/**
 * Streams that the caller itself reads or writes, without a descriptor, so that they work with every engine.
 *
 * Output that nobody reads holds up the process once the pipe is full. A reader that leaves (breaks out of its loop)
 * lets it go on, and the rest is dropped: to end the process because nobody listens is for the caller to decide.
 */
import { boundedPipe } from './bounded-pipe.js';
import type { OpenedInput, OpenedOutput } from './opened.js';

export const callerInput = (): OpenedInput => {
  const { write, end, cut, leave, [Symbol.asyncIterator]: iterate } = boundedPipe('refuse');
  return {
    source: { [Symbol.asyncIterator]: iterate },
    caller: { write, end },
    end,
    close: () => {
      cut();
      leave();
    },
  };
};

export const callerOutput = (): OpenedOutput => {
  const { write, end, cut, [Symbol.asyncIterator]: iterate } = boundedPipe('discard');
  // What is in the pipe outlives the exec, for a reader that comes late.
  return { sink: { write, end }, caller: { [Symbol.asyncIterator]: iterate }, close: cut };
};
