/** Byte streams that a spec drives by hand: each read and each write waits until the spec answers it. */
import type { ByteSink, ByteSource } from '../../../../src/hcs/contract/bytes.js';
import { turns } from '../../../hcs/native/on-linux.js';

export interface HandSource extends ByteSource {
  /** Reads that have been asked for. */
  readonly reads: () => number;
  give(text: string): Promise<void>;
  finish(): Promise<void>;
  break(error: unknown): Promise<void>;
}

type Answer = PromiseWithResolversOf<IteratorResult<Uint8Array>>;
interface PromiseWithResolversOf<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export const deferred = <T>(): PromiseWithResolversOf<T> => {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
};

/** @param arrived what the source says about bytes that wait to be read. */
export const handSource = (arrived?: () => number): HandSource => {
  let reads = 0;
  let pending: Answer | undefined;
  const answer = async (settle: (pending: Answer) => void): Promise<void> => {
    await turns();
    if (pending === undefined) throw new Error('no read is pending');
    const current = pending;
    pending = undefined;
    settle(current);
    await turns();
  };
  return {
    ...(arrived && { arrived }),
    reads: () => reads,
    give: (text) => answer(({ resolve }) => resolve({ done: false, value: Buffer.from(text) })),
    finish: () => answer(({ resolve }) => resolve({ done: true, value: undefined })),
    break: (error) => answer(({ reject }) => reject(error)),
    [Symbol.asyncIterator]: () => ({
      next: () => {
        reads += 1;
        pending = deferred();
        return pending.promise;
      },
    }),
  };
};

export interface HandSink extends ByteSink {
  /** What was written so far, answered or not. */
  readonly written: string[];
  /** Calls of `end`, `fail` and `processExited`, in order. */
  readonly calls: unknown[];
  accept(): Promise<void>;
  refuse(error: unknown): Promise<void>;
}

/** @param waits whether each write waits for `accept` or `refuse`. */
export const handSink = ({
  waits = false,
  closed,
}: {
  waits?: boolean;
  closed?: Promise<unknown>;
} = {}): HandSink => {
  const written: string[] = [];
  const calls: unknown[] = [];
  let pending: PromiseWithResolversOf<void> | undefined;
  return {
    written,
    calls,
    closed,
    write: (chunk) => {
      written.push(Buffer.from(chunk).toString());
      if (!waits) return Promise.resolve();
      pending = deferred();
      return pending.promise;
    },
    end: () => void calls.push('end'),
    fail: (error) => void calls.push(error),
    processExited: () => void calls.push('processExited'),
    accept: async () => {
      pending?.resolve();
      await turns();
    },
    refuse: async (error) => {
      pending?.reject(error);
      await turns();
    },
  };
};
