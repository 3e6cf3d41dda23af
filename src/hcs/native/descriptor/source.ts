/**
 * Bytes read from a descriptor, as they are asked for.
 *
 * Nothing is read before the first pull nor between two; waiting holds neither a thread nor a buffer. Every way out
 * (end of file, an error, `close`, leaving the loop) closes the descriptor, once. Unread bytes stay in the pipe, so
 * that a slow reader slows the writer.
 */
import { closeSync, read as readFile } from 'node:fs';
import type { ByteSource } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import { libc, nativeError } from '../call/libc.js';
import { growBusyPipes } from '../pipe/busy-pipe.js';
import { type Adopted, adopt, adoptOwnPipe } from './adopt.js';
import { borrowBuffer, returnBuffer } from './buffers.js';
import { readable } from './readable.js';
import { forget, whenReady } from './readiness.js';
import { withinTurn } from './turn.js';

/** A source that stands on a descriptor and owns it. */
export interface DescriptorSource extends ByteSource {
  /** The descriptor. The first pull may replace it by another one for the same pipe or terminal. */
  readonly fd: number;
  /** Ends a pending pull with end of file and closes the descriptor. May be called more than once. */
  close(): void;
}

interface Pull {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: unknown): void;
}

const MSG_DONTWAIT = 0x40;
const [EINTR, EIO, EAGAIN] = [4, 5, 11];
const END = { done: true, value: undefined } as const;
/** A chunk below this is copied, which costs less than to allocate a new buffer when a consumer keeps this one. */
const SMALL = 4096;

/**
 * Reads a pipe, FIFO, socket, terminal, terminal master or file. It owns `given` from now on.
 *
 * The end of a terminal is the moment when the last process that has it open is gone. A FIFO opened without waiting for
 * a writer ends when the last writer is gone, not before the first one came.
 *
 * @example for await (const chunk of descriptorSource(openPipe().read)) count += chunk.length;
 */
export const descriptorSource = (given: number): DescriptorSource => sourceOf(given, adopt);

/** The same for a pipe whose reading end was opened here and is held by no other process. */
export const ownPipeSource = (given: number): DescriptorSource => sourceOf(given, adoptOwnPipe);

const sourceOf = (given: number, adoptIt: (fd: number) => Adopted): DescriptorSource => {
  let own: Adopted | undefined;
  let pull: Pull | undefined;
  /** The buffer of the last delivered chunk. */
  let lent: Uint8Array | undefined;
  let lastLength = 0;
  let total = 0;
  let closed = false;
  let inThreadPool = false;
  let grow: ((length: number) => void) | undefined;

  const settle = (): Pull | undefined => {
    const settled = pull;
    pull = undefined;
    return settled;
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    // The consumer may still use the last chunk, so its buffer is not given to another source.
    lent = undefined;
    if (own !== undefined) forget(own.fd);
    // The number of a descriptor closed during a read in a thread may be reused for another file.
    if (!inThreadPool) release();
    settle()?.resolve(END);
  };

  const release = (): void => (own === undefined ? closeSync(given) : own.close());

  const fail = (error: unknown): void => {
    const failed = settle();
    close();
    failed?.reject(error);
  };

  const deliver = (buffer: Uint8Array, length: number): void => {
    lastLength = length;
    total += length;
    let value = buffer.subarray(0, length);
    if (length < SMALL) {
      value = Buffer.from(value);
      returnBuffer(buffer);
    } else lent = buffer;
    settle()?.resolve({ done: false, value });
  };

  const attempt = (): void => {
    if (pull === undefined || own === undefined) return;
    const buffer = lent ?? borrowBuffer();
    lent = undefined;
    const { fd, kind } = own;
    const length =
      kind === 'socket'
        ? libc().recv(fd, buffer, buffer.length, MSG_DONTWAIT)
        : libc().read(fd, buffer, buffer.length);
    const errno = length < 0 ? libc().errno() : 0;
    if (length > 0) {
      grow?.(length);
      return deliver(buffer, length);
    }
    returnBuffer(buffer);
    if (length === 0 || (errno === EIO && kind === 'master')) return close();
    if (errno === EAGAIN || errno === EINTR) return wait();
    fail(nativeError('read', errno));
  };

  const wait = (): void => {
    if (own !== undefined && !whenReady(own.fd, 'read', attempt)) setImmediate(attempt);
  };

  const attemptInThreadPool = ({ fd }: Adopted): void => {
    const buffer = lent ?? borrowBuffer();
    lent = undefined;
    inThreadPool = true;
    readFile(fd, buffer, 0, buffer.length, null, (error, length) => {
      inThreadPool = false;
      if (closed) return release();
      if (error === null && length > 0) return deliver(buffer, length);
      returnBuffer(buffer);
      if (error === null) close();
      else fail(error);
    });
  };

  const start = (): void => {
    if (own === undefined) {
      own = adoptIt(given);
      if (own.kind === 'pipe') grow = growBusyPipes(own.fd);
      if (own.mayAwaitWriter) return wait();
    }
    if (own.kind === 'file') attemptInThreadPool(own);
    else if (withinTurn(lastLength)) attempt();
    else setImmediate(attempt);
  };

  const next = (): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (closed) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      if (pull !== undefined)
        throw new RxshimError('failedPrecondition', 'a source answers one pull at a time');
      pull = { resolve, reject };
      try {
        start();
      } catch (error) {
        fail(error);
      }
    });
  };

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next,
    return: () => {
      close();
      return Promise.resolve(END);
    },
  };

  return {
    get fd() {
      return own?.fd ?? given;
    },
    arrived: () => (closed ? total : total + readable(own?.fd ?? given)),
    close,
    [Symbol.asyncIterator]: () => iterator,
  };
};
