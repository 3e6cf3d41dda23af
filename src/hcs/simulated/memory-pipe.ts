/**
 * A pipe in memory, one chunk deep, between a scripted process and its caller. Without clocks or descriptors.
 */
import type { ByteSink, ByteSource } from '../contract/bytes.js';

export interface MemoryPipe extends ByteSource, ByteSink {
  /** The reader gets what was written, then end of file. */
  end(): void;
  /** Forgets a pending read: its reader has died. What was written since stays for the next reader. */
  detach?(): void;
  /** How many bytes were read. */
  taken?(): number;
}

/** Makes a pipe in memory, one chunk deep. */
export const memoryPipe = (): MemoryPipe => {
  let written: { chunk: Uint8Array; taken: () => void }[] = [];
  let ended = false;
  let taken = 0;
  let reading: ((result: IteratorResult<Uint8Array>) => void) | undefined;
  const done = { done: true, value: undefined } as const;

  const end = (): void => {
    ended = true;
    reading?.(done);
    reading = undefined;
  };

  const next = (): Promise<IteratorResult<Uint8Array>> => {
    const first = written.shift();
    if (first !== undefined) {
      first.taken();
      taken += first.chunk.byteLength;
      return Promise.resolve({ done: false, value: first.chunk });
    }
    if (ended) return Promise.resolve(done);
    return new Promise((resolve) => (reading = resolve));
  };

  return {
    write: (chunk) => {
      if (ended) return Promise.reject(new Error('broken pipe'));
      if (reading !== undefined) {
        const resolve = reading;
        reading = undefined;
        taken += chunk.byteLength;
        resolve({ done: false, value: chunk });
        return Promise.resolve();
      }
      return new Promise((taken) => written.push({ chunk, taken }));
    },
    end,
    taken: () => taken,
    detach: () => {
      reading = undefined;
    },
    [Symbol.asyncIterator]: () => ({
      next,
      return: () => {
        written = [];
        end();
        return Promise.resolve(done);
      },
    }),
  };
};
