/**
 * One stream of output, read on demand: arrived bytes wait here for a pull, and a pull without bytes waits for them.
 *
 * The writer checks `isFull` first: the queue holds no more than a kernel pipe, plus one chunk.
 */
import type { ByteSource } from '../contract/bytes.js';
import { RxshimError } from '../failures/errors.js';
import { type ChunkStore, pieceList } from './chunk-store.js';

export interface PulledQueue extends ByteSource {
  push(bytes: Uint8Array): void;
  readonly isFull: boolean;
  /** No more will come: an end of file, or a failure, once what has arrived was taken. */
  end(failure?: unknown): void;
  /** Its reader wants no more: what is there is dropped, and what comes later. */
  close(): void;
  readonly isClosed: boolean;
  /** All that will come was written before now; `arrived` counts it. */
  writersGone(): void;
  readonly total: number;
}

type Result = IteratorResult<Uint8Array, undefined>;
const END = { done: true, value: undefined } as const;

/** As much as a pipe of the kernel holds. */
const capacity = 64 * 1024;

/** @param taken is called when there is room again. */
export const pulledQueue = (taken: () => void, store: ChunkStore = pieceList()): PulledQueue => {
  let total = 0;
  let pull: { resolve(result: Result): void; reject(error: unknown): void } | undefined;
  let ended = false;
  let closed = false;
  let failure: { readonly error: unknown } | undefined;
  let isComplete = false;

  const settle = () => {
    const settled = pull;
    pull = undefined;
    return settled;
  };

  const next = (): Promise<Result> => {
    const chunk = store.take();
    if (chunk !== undefined) {
      taken();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (failure !== undefined) {
      const { error } = failure;
      failure = undefined;
      return Promise.reject(error);
    }
    if (ended || closed) return Promise.resolve(END);
    if (pull !== undefined)
      return Promise.reject(new RxshimError('failedPrecondition', 'a source answers one pull at a time'));
    return new Promise((resolve, reject) => {
      pull = { resolve, reject };
      taken();
    });
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    store.clear();
    failure = undefined;
    settle()?.resolve(END);
    taken();
  };

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next,
    return: () => {
      close();
      return Promise.resolve(END);
    },
  };

  return {
    push: (bytes) => {
      total += bytes.length;
      if (closed) return;
      store.push(bytes);
      if (pull !== undefined) settle()?.resolve({ done: false, value: store.take() as Uint8Array });
    },
    get isFull() {
      return store.length >= capacity;
    },
    end: (error) => {
      if (ended) return;
      ended = true;
      if (closed) return;
      const waiting = settle();
      if (error === undefined) return waiting?.resolve(END);
      if (waiting === undefined) failure = { error };
      else waiting.reject(error);
    },
    close,
    get isClosed() {
      return closed;
    },
    get total() {
      return total;
    },
    writersGone: () => {
      isComplete = true;
    },
    // Bytes still on their way were written before the process ended, and the reader must get them too.
    arrived: () => (isComplete && !ended ? Number.POSITIVE_INFINITY : total),
    [Symbol.asyncIterator]: () => iterator,
  };
};
