/**
 * Sources and sinks of the caller under the control of the exec: closing ends pending operations, and the caller keeps
 * its object. Only an iterator in use gets `return()`.
 */
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import { chunkBytes } from '../chunk-bytes.js';
import { closedError } from '../closed-error.js';
import type { OpenedInput, OpenedOutput } from '../upstream/opened.js';
import type { Input, NodeWritable, Sink } from '../upstream/stdio-request.js';
import { type GivenSink, nodeSink, webSink } from './given-sink.js';
import { type ChunkIterator, chunksOf, isNodeStream } from './given-source.js';

type Result = IteratorResult<Uint8Array, undefined>;

const END: Result = { done: true, value: undefined };
const ignore = (): void => undefined;

/** `open` is called at the first pull. `stands.fd` is asked for each time, for it may change. */
export const stoppableInput = (
  open: () => ChunkIterator,
  stands: { readonly fd?: number | undefined },
): OpenedInput & { readonly started: () => boolean } => {
  let iterator: ChunkIterator | undefined;
  let stopped = false;
  let endPull: (end: Result) => void = ignore;

  const advance = async (): Promise<Result> => {
    iterator ??= open();
    const { done, value } = await iterator.next();
    if (done !== true) return { done: false, value: chunkBytes(value) };
    stopped = true;
    return END;
  };

  const next = (): Promise<Result> => {
    if (stopped) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      endPull = resolve;
      advance().then(resolve, (error) => {
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
  const source = on(stands, { [Symbol.asyncIterator]: () => pulls });
  return { source, end: stop, close: stop, started: () => iterator !== undefined };
};

export const givenInput = (input: Input): OpenedInput => {
  if (!isNodeStream(input)) return stoppableInput(() => chunksOf(input), 'fd' in input ? input : {});
  // A stream that fails before it is read, such as that of a missing file, must not end the program: the read reports it.
  const stream = input as unknown as Pick<NodeWritable, 'on' | 'off'>;
  stream.on('error', ignore);
  const opened = stoppableInput(() => chunksOf(input), {});
  const close = (): void => {
    opened.close();
    if (!opened.started()) stream.off('error', ignore);
  };
  return { ...opened, close };
};

/** @param users how many streams of the process lead there; the sink has ended when all of them have. */
export const givenOutput = (sink: Sink, users: number): OpenedOutput => stoppableOutput(sinkOf(sink), users);

const sinkOf = (sink: Sink): GivenSink => {
  if ('getWriter' in sink) return webSink(sink);
  return isNodeStream(sink) ? nodeSink(sink as NodeWritable) : (sink as ByteSink);
};

/** Writes wait for each other, so that one sink may be given for two streams. */
export const stoppableOutput = (sink: GivenSink, users = 1): OpenedOutput => {
  let open = users;
  let ended = false;
  let closed = false;
  let failure: unknown;
  let before: Promise<unknown> = Promise.resolve();
  const refusals = new Set<(error: unknown) => void>();

  const inSequence = <T>(work: () => T | Promise<T>): Promise<void> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(closedError());
      refusals.add(reject);
      before = before
        .then(() => (closed ? undefined : work()))
        .then(() => resolve(), reject)
        .finally(() => refusals.delete(reject));
    });

  /** The consumer behind the sink must not take cut output for complete. */
  const failWith = (error: unknown): void => {
    if (ended) return;
    ended = true;
    sink.fail?.(error);
  };

  const end = async (): Promise<void> => {
    open -= 1;
    if (open > 0 || ended) return;
    if (failure !== undefined) return failWith(failure);
    ended = true;
    await inSequence(() => sink.end?.());
  };

  const fail = (error: unknown): void => {
    failure ??= error;
    open -= 1;
    if (open <= 0) failWith(failure);
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    const error = closedError();
    for (const refuse of refusals) refuse(error);
    failWith(failure ?? error);
    sink.release?.();
  };

  const stopped = {
    write: (chunk: Uint8Array) => inSequence(() => sink.write(chunk)),
    end,
    fail,
    ...(sink.closed === undefined ? {} : { closed: sink.closed }),
  };
  return { sink: on(sink, stopped), close };
};

/** It may fail or never settle: it is not awaited. */
const leave = async (iterator: ChunkIterator | undefined): Promise<void> => {
  try {
    await iterator?.return?.();
  } catch {
    // Its own affair.
  }
};

const on = <T extends object>(
  stands: { readonly fd?: number | undefined },
  stream: T,
): T & { readonly fd?: number | undefined } =>
  stands.fd === undefined
    ? stream
    : Object.defineProperty(stream, 'fd', { get: () => stands.fd, enumerable: true });
