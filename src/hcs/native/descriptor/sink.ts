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
import { type Adopted, adopt, adoptOwnPipe } from './adopt.js';
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
export const descriptorSink = (given: number): DescriptorSink => sinkOf(given, adopt);

/** The same for a pipe whose writing end was opened here and is held by no other process. */
export const ownPipeSink = (given: number): DescriptorSink => sinkOf(given, adoptOwnPipe);

const sinkOf = (given: number, adoptIt: (fd: number) => Adopted): DescriptorSink => {
  let own: Adopted | undefined;
  let closed = false;
  let inThreadPool = false;
  let lastLength = 0;
  let grow: ((length: number) => void) | undefined;
  const writes: Write[] = [];

  const close = (): void => {
    if (closed) return;
    closed = true;
    if (own !== undefined) forget(own.fd);
    // If the descriptor is closed while a thread is about to write, its number may already belong to another file.
    if (!inThreadPool) release();
    // An error costs its stack trace.
    if (writes.length > 0) fail(closedError());
  };

  const release = (): void => (own === undefined ? closeSync(given) : own.close());

  const fail = (error: unknown): void => {
    for (const write of writes.splice(0)) write.reject(error);
  };

  /** The kernel took `length` bytes of the first write; whether there is more to do. */
  const advance = (length: number): boolean => {
    const write = writes[0]!;
    lastLength = length;
    grow?.(length);
    if (length < write.rest.length) {
      write.rest = write.rest.subarray(length);
      return true;
    }
    writes.shift();
    write.resolve();
    return writes.length > 0;
  };

  const attempt = (): void => {
    while (!closed && own !== undefined && writes.length > 0) {
      const { fd, kind } = own;
      const { rest } = writes[0]!;
      const length =
        kind === 'socket'
          ? libc().send(fd, rest, rest.length, MSG_DONTWAIT | MSG_NOSIGNAL)
          : libc().write(fd, rest, rest.length);
      const errno = length < 0 ? libc().errno() : 0;
      if (errno === EAGAIN || errno === EINTR) return wait();
      if (errno !== 0) return fail(nativeError('write', errno));
      if (!advance(length)) return;
      if (!withinTurn(length)) return void setImmediate(attempt);
    }
  };

  const wait = (): void => {
    if (own !== undefined && !whenReady(own.fd, 'write', attempt)) setImmediate(attempt);
  };

  const attemptInThreadPool = ({ fd }: Adopted): void => {
    inThreadPool = true;
    writeFile(fd, writes[0]!.rest, (error, length) => {
      inThreadPool = false;
      if (closed) return release();
      if (error !== null) return fail(error);
      if (advance(length)) attemptInThreadPool(own!);
    });
  };

  const start = (): void => {
    if (own === undefined) {
      own = adoptIt(given);
      if (own.kind === 'pipe') grow = growBusyPipes(own.fd);
    }
    if (own.kind === 'file') attemptInThreadPool(own);
    else if (withinTurn(lastLength)) attempt();
    else setImmediate(attempt);
  };

  const write = (chunk: Uint8Array): Promise<void> => {
    if (closed) return Promise.reject(closedError());
    if (chunk.length === 0 && writes.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (writes.push({ rest: chunk, resolve, reject }) > 1) return;
      try {
        start();
      } catch (error) {
        fail(error);
      }
    });
  };

  return {
    get fd() {
      return own?.fd ?? given;
    },
    write,
    close,
  };
};

const closedError = (): RxshimError =>
  new RxshimError('failedPrecondition', 'the sink was closed before all was written');
