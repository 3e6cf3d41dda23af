/**
 * Sources and sinks that the caller made, put under the exec's control: closing ends what is pending, and the caller's
 * object is left to the caller. Only an iterator that was begun is told that no more is wanted.
 */
import type { ByteSink, ByteSource } from '../../../hcs/bytes.js';
import { invalid } from '../../../hcs/errors.js';
import { closedError } from './closed-error.js';
import type { OpenedInput, OpenedOutput } from './opened.js';

type Result = IteratorResult<Uint8Array, undefined>;

const END: Result = { done: true, value: undefined };
const ignore = (): void => undefined;

/** `open` is called at the first pull. `stands.fd` is asked for each time, for it may change. */
export const stoppableInput = (
  open: () => AsyncIterable<Uint8Array | string>,
  stands: { readonly fd?: number },
): OpenedInput => {
  let iterator: AsyncIterator<Uint8Array | string> | undefined;
  let stopped = false;
  let endPull: (end: Result) => void = ignore;

  const next = (): Promise<Result> => {
    if (stopped) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      endPull = resolve;
      iterator ??= open()[Symbol.asyncIterator]();
      iterator
        .next()
        .then(({ done, value }) => {
          if (done !== true) return resolve({ done: false, value: bytesOf(value) });
          stopped = true;
          resolve(END);
        })
        .catch((error) => {
          reject(error);
          stop();
        });
    });
  };

  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    endPull(END);
    void leave(iterator);
  };

  const pulls = {
    next,
    return: (): Promise<Result> => {
      stop();
      return Promise.resolve(END);
    },
  };
  return { source: on(stands, { [Symbol.asyncIterator]: () => pulls }), end: stop, close: stop };
};

/** Writes wait for each other, so that one sink may be given for two streams. */
export const stoppableOutput = (sink: ByteSink): OpenedOutput => {
  let closed = false;
  let before: Promise<unknown> = Promise.resolve();
  const refusals = new Set<(error: unknown) => void>();

  const write = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(closedError());
      refusals.add(reject);
      const turn = (): unknown => (closed ? undefined : sink.write(chunk));
      before = before
        .then(turn)
        .then(() => resolve(), reject)
        .finally(() => refusals.delete(reject));
    });

  const close = (): void => {
    closed = true;
    for (const refuse of refusals) refuse(closedError());
  };

  return { sink: on(sink, { write }), close };
};

export const givenInput = (source: ByteSource | AsyncIterable<Uint8Array | string>): OpenedInput =>
  stoppableInput(() => source, 'fd' in source && !isNodeStream(source) ? source : {});

/** Streams of Node may have read ahead: their descriptor, of those that have one, is not all there is. */
export const isNodeStream = (stream: unknown): boolean =>
  typeof stream === 'object' && stream !== null && 'pipe' in stream && 'on' in stream;

/** It may fail, or never answer: nobody waits for it any more. */
const leave = async (iterator: AsyncIterator<unknown> | undefined): Promise<void> => {
  try {
    await iterator?.return?.();
  } catch {
    // Its own affair.
  }
};

const on = <T extends object>(stands: { readonly fd?: number }, stream: T): T & { readonly fd?: number } =>
  stands.fd === undefined
    ? stream
    : Object.defineProperty(stream, 'fd', { get: () => stands.fd, enumerable: true });

const bytesOf = (chunk: unknown): Uint8Array => {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw invalid('stdin', chunk, 'chunks of bytes or text');
};
