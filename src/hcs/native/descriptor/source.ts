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
import { type Adopted, adopt, adoptOwnPipe, adoptSocket } from './adopt.js';
import { borrowBuffer, returnBuffer } from './buffers.js';
import { readable } from './readable.js';
import { forget, whenReady } from './readiness.js';
import { withinTurn } from './turn.js';

/** A source that stands on a descriptor and owns it. */
export interface DescriptorSource extends ByteSource {
  /** The descriptor. The first pull may replace it by another one for the same pipe or terminal. */
  readonly fd: number;
  /** Whether the end of the stream was read. */
  readonly hasEnded: boolean;
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
export const descriptorSource = (given: number): DescriptorSource => new Source(given, adopt);

/** The same for a pipe whose reading end was opened here and is held by no other process. */
export const ownPipeSource = (given: number): DescriptorSource => new Source(given, adoptOwnPipe);

/** The same for a connected socket. */
export const socketSource = (given: number): DescriptorSource => new Source(given, adoptSocket);

// A class, because each exec has up to three of these: one object, with methods on a prototype.
class Source implements DescriptorSource, AsyncIterator<Uint8Array, undefined> {
  readonly #given: number;
  readonly #adopt: (fd: number) => Adopted;
  #own: Adopted | undefined;
  #pull: Pull | undefined;
  /** The buffer of the last delivered chunk. */
  #lent: Uint8Array | undefined;
  #lastLength = 0;
  #total = 0;
  #closed = false;
  #ended = false;
  #inThreadPool = false;
  #grow: ((length: number) => void) | undefined;

  constructor(given: number, adoptIt: (fd: number) => Adopted) {
    this.#given = given;
    this.#adopt = adoptIt;
  }

  get fd(): number {
    return this.#own?.fd ?? this.#given;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  arrived(): number {
    return this.#closed ? this.#total : this.#total + readable(this.fd);
  }

  /** Bound: it is passed on by itself. */
  readonly close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    // The consumer may still use the last chunk, so its buffer is not given to another source.
    this.#lent = undefined;
    if (this.#own !== undefined) forget(this.#own.fd);
    // The number of a descriptor closed during a read in a thread may be reused for another file.
    if (!this.#inThreadPool) this.#release();
    this.#settle()?.resolve(END);
  };

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#closed) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      if (this.#pull !== undefined)
        throw new RxshimError('failedPrecondition', 'a source answers one pull at a time');
      this.#pull = { resolve, reject };
      try {
        this.#start();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.close();
    return Promise.resolve(END);
  }

  #settle(): Pull | undefined {
    const settled = this.#pull;
    this.#pull = undefined;
    return settled;
  }

  #end(): void {
    this.#ended = true;
    this.close();
  }

  #release(): void {
    if (this.#own === undefined) closeSync(this.#given);
    else this.#own.close();
  }

  #fail(error: unknown): void {
    const failed = this.#settle();
    this.close();
    failed?.reject(error);
  }

  #start(): void {
    if (this.#own === undefined) {
      this.#own = this.#adopt(this.#given);
      if (this.#own.kind === 'pipe') this.#grow = growBusyPipes(this.#own.fd);
      if (this.#own.mayAwaitWriter) return this.#wait();
    }
    if (this.#own.kind === 'file') this.#attemptInThreadPool(this.#own);
    else if (withinTurn(this.#lastLength)) this.#attempt();
    else setImmediate(this.#attempt);
  }

  readonly #attempt = (): void => {
    if (this.#pull === undefined || this.#own === undefined) return;
    const buffer = this.#lent ?? borrowBuffer();
    this.#lent = undefined;
    const { fd, kind } = this.#own;
    const length =
      kind === 'socket'
        ? libc().recv(fd, buffer, buffer.length, MSG_DONTWAIT)
        : libc().read(fd, buffer, buffer.length);
    const errno = length < 0 ? libc().errno() : 0;
    if (length > 0) {
      this.#grow?.(length);
      return this.#deliver(buffer, length);
    }
    returnBuffer(buffer);
    if (length === 0 || (errno === EIO && kind === 'master')) return this.#end();
    if (errno === EAGAIN || errno === EINTR) return this.#wait();
    this.#fail(nativeError('read', errno));
  };

  #wait(): void {
    if (this.#own !== undefined && !whenReady(this.#own.fd, 'read', this.#attempt))
      setImmediate(this.#attempt);
  }

  #deliver(buffer: Uint8Array, length: number): void {
    this.#lastLength = length;
    this.#total += length;
    let value = buffer.subarray(0, length);
    if (length < SMALL) {
      value = Buffer.from(value);
      returnBuffer(buffer);
    } else this.#lent = buffer;
    this.#settle()?.resolve({ done: false, value });
  }

  #attemptInThreadPool({ fd }: Adopted): void {
    const buffer = this.#lent ?? borrowBuffer();
    this.#lent = undefined;
    this.#inThreadPool = true;
    readFile(fd, buffer, 0, buffer.length, null, (error, length) => {
      this.#inThreadPool = false;
      if (this.#closed) return this.#release();
      if (error === null && length > 0) return this.#deliver(buffer, length);
      returnBuffer(buffer);
      if (error === null) this.#end();
      else this.#fail(error);
    });
  }
}
