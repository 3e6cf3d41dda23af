/** The pull that a source of bytes is to answer: one at a time, and the state in which there is none any more. */
import { RxshimError } from '../../failures/errors.js';

export type Result = IteratorResult<Uint8Array, undefined>;
const END = { done: true, value: undefined } as const;

export interface OnePull {
  readonly isWaiting: boolean;
  readonly isClosed: boolean;
  /** Answers the pull that waits, if one does. */
  answer(result: Result | Promise<Result>): void;
  /** Ends the pull that waits, and every later one. */
  close(): void;
  /** Rejects the pull that waits, or the next one, and closes. */
  fail(error: unknown): void;
  /** The rejection that the next pull gets, once. */
  failed(): Promise<never> | undefined;
  /** A new pull. `look` is called when it waits. */
  wait(look?: () => void): Promise<Result>;
  /** The iterator of a source that answers with `next`. Leaving the loop closes. */
  iterator(next: () => Promise<Result>): AsyncIterator<Uint8Array, undefined>;
}

/** @param release is called once, when it closes, before the pull that waits is ended. */
export const onePull = (release: () => void): OnePull => {
  let pull: { resolve(result: Result | Promise<Result>): void; reject(error: unknown): void } | undefined;
  let closed = false;
  let failure: { readonly error: unknown } | undefined;

  const settle = () => {
    const settled = pull;
    pull = undefined;
    return settled;
  };
  const close = (): void => {
    if (closed) return;
    closed = true;
    release();
    settle()?.resolve(END);
  };
  return {
    get isWaiting() {
      return pull !== undefined;
    },
    get isClosed() {
      return closed;
    },
    answer: (result) => settle()?.resolve(result),
    close,
    fail: (error) => {
      if (closed) return;
      const pulled = settle();
      if (pulled === undefined) failure = { error };
      else pulled.reject(error);
      close();
    },
    failed: () => {
      if (failure === undefined) return undefined;
      const { error } = failure;
      failure = undefined;
      return Promise.reject(error);
    },
    wait: (look) => {
      if (closed) return Promise.resolve(END);
      return new Promise((resolve, reject) => {
        if (pull !== undefined)
          throw new RxshimError('failedPrecondition', 'a source answers one pull at a time');
        pull = { resolve, reject };
        look?.();
      });
    },
    iterator: (next) => ({
      next,
      return: () => {
        close();
        return Promise.resolve(END);
      },
    }),
  };
};
