/**
 * Writable streams of Node and of the web as sinks: with their backpressure, and their errors.
 *
 * They are ended with the output, as `pipe` and `pipeTo` would, so that what stands behind them (a compressor, a file)
 * sees its end too; this program's own stdout and stderr are not. Output that was cut ends them with an error.
 */
import type { ByteSink } from '../../../hcs/contract/bytes.js';
import type { NodeWritable, WebWritable } from '../upstream/stdio-request.js';

export interface GivenSink extends ByteSink {
  /** The exec is done with it: nothing of ours stays on it. */
  release?(): void;
}

const ignore = (): void => undefined;

/** A chunk is the relay's to overwrite once it is written, and a stream may keep it longer: it gets a copy. */
export const nodeSink = (stream: NodeWritable): GivenSink => {
  const isOwnStdio = '_isStdio' in stream && stream._isStdio === true;
  let leave!: () => void;
  let fail!: (error: unknown) => void;
  const closed = new Promise<void>((resolve, reject) => {
    leave = resolve;
    fail = reject;
  });
  closed.catch(ignore);
  stream.on('error', fail);
  stream.on('close', leave);
  if (stream.destroyed === true) leave();
  const settled =
    (resolve: () => void, reject: (error: unknown) => void) =>
    (error?: Error | null): void =>
      error === undefined || error === null ? resolve() : reject(stream.errored ?? error);
  return {
    closed,
    write: (chunk) =>
      new Promise((resolve, reject) => void stream.write(copyOf(chunk), settled(resolve, reject))),
    end: () =>
      isOwnStdio
        ? undefined
        : new Promise((resolve, reject) => {
            stream.off('close', leave);
            stream.end(settled(resolve, reject));
          }),
    fail: (error) => {
      if (isOwnStdio) return;
      // For streams whose owner listens to no errors: the exec has said already that output was cut.
      stream.on('error', ignore);
      stream.destroy?.(error as Error);
    },
    release: () => {
      stream.off('error', fail);
      stream.off('close', leave);
    },
  };
};

export const webSink = (stream: WebWritable): GivenSink => {
  const writer = stream.getWriter();
  writer.closed.catch(ignore);
  return {
    closed: writer.closed,
    write: async (chunk) => {
      await writer.ready;
      await writer.write(copyOf(chunk));
    },
    end: async () => void (await writer.close()),
    fail: (error) => void writer.abort(error).catch(ignore),
    release: () => writer.releaseLock(),
  };
};

const copyOf = (chunk: Uint8Array): Uint8Array => Buffer.from(chunk);
