/**
 * A pipe in memory between the relay and the caller, holding a bounded number of bytes, as the kernel's pipes do.
 *
 * Every byte is copied on its way in: who writes may use its buffer again, who reads may keep what it got. Writes are
 * taken in order and settle when all of the chunk is in the pipe or has been read.
 */
import type { RxshimError } from '../../../hcs/failures/errors.js';
import { closedError, leftError } from '../closed-error.js';

export interface BoundedPipe extends AsyncIterable<Uint8Array> {
  write(chunk: Uint8Array): Promise<void>;
  /** No more will be written. The reader gets all that was, also by writes that are still waiting, then the end. */
  end(): void;
  /** Refuses the writes that are waiting. The reader gets what is in the pipe, then the end. */
  cut(): void;
  /** The reader wants no more: what is in the pipe is dropped. */
  leave(): void;
  /** Settles when the reader leaves. */
  whenLeft(): Promise<void>;
}

interface Write {
  rest: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

type Result = IteratorResult<Uint8Array, undefined>;

const END: Result = { done: true, value: undefined };
/** The capacity of a pipe of the kernel. */
const CAPACITY = 64 * 1024;
const LEAST = 1024;

/** `onceLeft`: what becomes of writes when the reader has left; `reader` is called so where they are refused. */
export const boundedPipe = (onceLeft: 'discard' | 'refuse', reader: string): BoundedPipe => {
  let store = Buffer.alloc(0);
  let stored = 0;
  let ended = false;
  let left = false;
  const writes: Write[] = [];
  const pulls: ((result: Result) => void)[] = [];
  // Made when asked for: ten thousand of these pipes may be idle.
  let leaving: PromiseWithResolvers | undefined;

  const keep = (bytes: Uint8Array): void => {
    if (store.length < stored + bytes.length) {
      const size = Math.max(LEAST, 2 * stored, stored + bytes.length);
      const bigger = Buffer.allocUnsafe(Math.min(size, CAPACITY));
      bigger.set(store.subarray(0, stored));
      store = bigger;
    }
    store.set(bytes, stored);
    stored += bytes.length;
  };

  /** All at once: small writes become one chunk, which is the reader's from now on. */
  const takeAll = (): Uint8Array => {
    const chunk = store.subarray(0, stored);
    store = Buffer.alloc(0);
    stored = 0;
    return chunk;
  };

  const flow = (): void => {
    for (let write = writes[0]; write !== undefined; write = writes[0]) {
      const pull = pulls.shift();
      // A waiting reader gets new bytes directly; the store is empty then.
      const length = pull === undefined ? CAPACITY - stored : write.rest.length;
      if (pull !== undefined) pull({ done: false, value: Buffer.from(write.rest) });
      else keep(write.rest.subarray(0, length));
      write.rest = write.rest.subarray(length);
      if (write.rest.length > 0) return;
      writes.shift();
      write.resolve();
    }
    if (ended) for (const pull of pulls.splice(0)) pull(END);
  };

  const refuse = (error: RxshimError): void => {
    for (const write of writes.splice(0)) write.reject(error);
  };

  const write = (chunk: Uint8Array): Promise<void> => {
    if (ended) return Promise.reject(closedError());
    if (left) return onceLeft === 'discard' ? Promise.resolve() : Promise.reject(leftError(reader));
    if (chunk.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (writes.push({ rest: chunk, resolve, reject }) === 1) flow();
    });
  };

  const end = (): void => {
    ended = true;
    flow();
  };

  const cut = (): void => {
    refuse(closedError());
    end();
  };

  const leave = (): void => {
    if (left) return;
    left = true;
    // Before writes are refused: who waits for both sees why.
    leaving?.resolve();
    takeAll();
    if (onceLeft === 'refuse') refuse(leftError(reader));
    for (const { resolve } of writes.splice(0)) resolve();
    for (const pull of pulls.splice(0)) pull(END);
  };

  const next = (): Promise<Result> => {
    if (stored > 0) {
      const value = takeAll();
      flow();
      return Promise.resolve({ done: false, value });
    }
    if (left || ended) return Promise.resolve(END);
    return new Promise((resolve) => pulls.push(resolve));
  };

  const iterator = {
    next,
    return: (): Promise<Result> => {
      leave();
      return Promise.resolve(END);
    },
  };

  return {
    write,
    end,
    cut,
    leave,
    whenLeft: () => {
      leaving ??= withResolvers();
      if (left) leaving.resolve();
      return leaving.promise;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
};

interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  resolve(): void;
}

const withResolvers = (): PromiseWithResolvers => {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
};
