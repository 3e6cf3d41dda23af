/**
 * Reads bytes from a Windows handle on demand.
 *
 * Nothing is read before the first pull or between two pulls. An idle stream holds a small buffer; a busy one reads
 * into larger ones. The handle is closed once: on end of file, an error, `close`, or when the loop is left.
 */
import type { ByteSource } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import { borrowBuffer, returnBuffer } from '../descriptor/buffers.js';
import { withinTurn } from '../descriptor/turn.js';
import { type Overlapped, overlapped } from './overlapped.js';
import { win32, win32Error } from './win32-error.js';

export interface HandleSource extends ByteSource {
  /** Ends a pending pull with end of file and closes the handle. May be called more than once. */
  close(): void;
}

type Result = IteratorResult<Uint8Array, undefined>;

const END = { done: true, value: undefined } as const;
const SMALL = 4 * 1024;

/** The codes that mean end of file: the writers have closed the pipe, or the handle was closed during the read. */
const ends = new Set<number>([
  win32.handleEof,
  win32.brokenPipe,
  win32.noData,
  win32.pipeNotConnected,
  win32.operationAborted,
]);

/** Reads from a handle opened for overlapped I/O, and owns it from now on. */
export const handleSource = (handle: number): HandleSource => sourceOf(overlapped(handle));

export const sourceOf = (file: Overlapped): HandleSource => {
  let pending: { resolve(result: Result): void; reject(error: unknown): void } | undefined;
  let small: Uint8Array | undefined;
  /** The buffer of the last delivered chunk. */
  let lent: Uint8Array | undefined;
  let lastLength = 0;
  let closed = false;

  const settle = () => {
    const settled = pending;
    pending = undefined;
    return settled;
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    // The consumer may still read the last chunk.
    lent = undefined;
    file.close();
    settle()?.resolve(END);
  };

  /** A small buffer, until a read has filled it. */
  const roomFor = (length: number): Uint8Array => {
    small ??= new Uint8Array(SMALL);
    const big = lent === small ? undefined : lent;
    if (length >= SMALL) return big ?? borrowBuffer();
    if (big) returnBuffer(big);
    return small;
  };

  const attempt = (): void => {
    if (closed) return;
    const buffer = roomFor(lastLength);
    lent = buffer;
    file.read(buffer, (code, length) => {
      if (closed) return;
      if (code === 0 && length > 0) {
        lastLength = length;
        settle()?.resolve({ done: false, value: buffer.subarray(0, length) });
      } else if (code === 0) {
        // An empty message, which is not end of file: read on.
        setImmediate(attempt);
      } else if (ends.has(code)) close();
      else {
        const failed = settle();
        close();
        failed?.reject(win32Error('ReadFile', code));
      }
    });
  };

  const next = (): Promise<Result> => {
    if (closed) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      if (pending !== undefined)
        throw new RxshimError('failedPrecondition', 'a source answers one pull at a time');
      pending = { resolve, reject };
      if (withinTurn(lastLength)) attempt();
      else setImmediate(attempt);
    });
  };

  return {
    close,
    [Symbol.asyncIterator]: () => ({
      next,
      return: () => {
        close();
        return Promise.resolve(END);
      },
    }),
  };
};
