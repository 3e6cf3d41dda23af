/**
 * Bytes written to a descriptor, in order, as fast as the other side takes them.
 *
 * A write is done when the kernel has all of it; until then the chunk must stay as it is. Waiting for a slow or absent
 * reader holds no thread. The descriptor is closed by `close` alone, also after an error: only the owner knows whether
 * a second writer should still see it open.
 */
import { closeSync, write as writeFile } from 'node:fs';
import type { ByteSink } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import { libc, nativeError } from '../call/libc.js';
import { growBusyPipes } from '../pipe/busy-pipe.js';
import { type Adopted, adopt, adoptOwnPipe, adoptSocket } from './adopt.js';
import { forget, whenReady } from './readiness.js';
import { withinTurn } from './turn.js';

/** A sink that stands on a descriptor and owns it. */
export interface DescriptorSink extends ByteSink {
  /** The descriptor. The first write may replace it by another one for the same pipe or terminal. */
  readonly fd: number;
  /** Rejects writes that are not done and closes the descriptor. May be called more than once. */
  close(): void;
}

interface Write {
  rest: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const [EINTR, EAGAIN] = [4, 11];

/**
 * Writes to a pipe, FIFO, socket, terminal, terminal master or file. It owns `given` from now on.
 *
 * A reader that is gone is an error with code EPIPE, unless the descriptor is itself a reader (see `openFifo`).
 *
 * @example await descriptorSink(openPipe().write).write(Buffer.from('hello\n'));
 */
export const descriptorSink = (given: number): DescriptorSink => new Sink(given, adopt);

/** The same for a pipe whose writing end was opened here and is held by no other process. */
export const ownPipeSink = (given: number): DescriptorSink => new Sink(given, adoptOwnPipe);

/** The same for a connected socket. */
export const socketSink = (given: number): DescriptorSink => new Sink(given, adoptSocket);

// A class, because each exec has up to three of these: one object, with methods on a prototype.
class Sink implements DescriptorSink {
  readonly #given: number;
  readonly #adopt: (fd: number) => Adopted;
  readonly #writes: Write[] = [];
  #own: Adopted | undefined;
  #closed = false;
  #inThreadPool = false;
  #lastLength = 0;
  #grow: ((length: number) => void) | undefined;

  constructor(given: number, adoptIt: (fd: number) => Adopted) {
    this.#given = given;
    this.#adopt = adoptIt;
  }

  get fd(): number {
    return this.#own?.fd ?? this.#given;
  }

  // Bound, as `close` is, because both are passed on by themselves.
  readonly write = (chunk: Uint8Array): Promise<void> => {
    if (this.#closed) return Promise.reject(closedError());
    if (chunk.length === 0 && this.#writes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (this.#writes.push({ rest: chunk, resolve, reject }) > 1) return;
      try {
        this.#start();
      } catch (error) {
        this.#fail(error);
      }
    });
  };

  readonly close = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#own !== undefined) forget(this.#own.fd);
    // If the descriptor is closed while a thread is about to write, its number may already belong to another file.
    if (!this.#inThreadPool) this.#release();
    // An error costs its stack trace.
    if (this.#writes.length > 0) this.#fail(closedError());
  };

  #release(): void {
    if (this.#own === undefined) closeSync(this.#given);
    else this.#own.close();
  }

  #fail(error: unknown): void {
    for (const write of this.#writes.splice(0)) write.reject(error);
  }

  #start(): void {
    if (this.#own === undefined) {
      this.#own = this.#adopt(this.#given);
      if (this.#own.kind === 'pipe') this.#grow = growBusyPipes(this.#own.fd);
    }
    if (this.#own.kind === 'file') this.#attemptInThreadPool(this.#own);
    else if (withinTurn(this.#lastLength)) this.#attempt();
    else setImmediate(this.#attempt);
  }

  /** The kernel took `length` bytes of the first write; whether there is more to do. */
  #advance(length: number): boolean {
    const write = this.#writes[0]!;
    this.#lastLength = length;
    this.#grow?.(length);
    if (length < write.rest.length) {
      write.rest = write.rest.subarray(length);
      return true;
    }
    this.#writes.shift();
    write.resolve();
    return this.#writes.length > 0;
  }

  readonly #attempt = (): void => {
    while (!this.#closed && this.#own !== undefined && this.#writes.length > 0) {
      const { fd, kind } = this.#own;
      const { rest } = this.#writes[0]!;
      const length =
        kind === 'socket'
          ? libc().send(fd, rest, rest.length, MSG_DONTWAIT | MSG_NOSIGNAL)
          : libc().write(fd, rest, rest.length);
      const errno = length < 0 ? libc().errno() : 0;
      if (errno === EAGAIN || errno === EINTR) return this.#wait();
      if (errno !== 0) return this.#fail(nativeError('write', errno));
      if (!this.#advance(length)) return;
      if (!withinTurn(length)) return void setImmediate(this.#attempt);
    }
  };

  #wait(): void {
    if (this.#own !== undefined && !whenReady(this.#own.fd, 'write', this.#attempt))
      setImmediate(this.#attempt);
  }

  #attemptInThreadPool({ fd }: Adopted): void {
    this.#inThreadPool = true;
    writeFile(fd, this.#writes[0]!.rest, (error, length) => {
      this.#inThreadPool = false;
      if (this.#closed) return this.#release();
      if (error !== null) return this.#fail(error);
      if (this.#advance(length)) this.#attemptInThreadPool(this.#own!);
    });
  }
}

const closedError = (): RxshimError =>
  new RxshimError('failedPrecondition', 'the sink was closed before all was written');
