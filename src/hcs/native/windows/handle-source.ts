/**
 * Bytes read from a Windows handle, as they are asked for.
 *
 * Nothing is read before the first pull nor between two. A stream that is idle holds a small buffer; one that proves
 * busy reads into bigger ones. Every way out (the end, an error, `close`, leaving the loop) closes the handle, once.
 */
import type { ByteSource } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import { borrowBuffer, returnBuffer } from '../descriptor/buffers.js';
import { withinTurn } from '../descriptor/turn.js';
import { type Overlapped, overlapped } from './overlapped.js';
import { win32, win32Error } from './win32-error.js';

export interface HandleSource extends ByteSource {
  /** Ends a pending pull with the end and closes the handle. May be called more than once. */
  close(): void;
}

type Result = IteratorResult<Uint8Array, undefined>;

const END = { done: true, value: undefined } as const;
const SMALL = 4 * 1024;

/** What a reader is told when the writers are gone, or the handle was closed under it. */
const ends = new Set<number>([
  win32.handleEof,
  win32.brokenPipe,
  win32.noData,
  win32.pipeNotConnected,
  win32.operationAborted,
]);

/** Reads from a handle that is open for overlapped use, which it owns from now on. */
export const handleSource = (handle: number): HandleSource => sourceOf(overlapped(handle));

export const sourceOf = (file: Overlapped): HandleSource => {
  let pending: { resolve(result: Result): void; reject(error: unknown): void } | undefined;
  let small: Uint8Array | undefined;
  /** What the chunk last delivered stands on. */
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
    // Whoever has the last chunk may still be looking at it.
    lent = undefined;
    file.close();
    settle()?.resolve(END);
  };

  /** A small one, until the last read has filled what it had. */
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
        // A message of no bytes, which no stream has: read on.
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
