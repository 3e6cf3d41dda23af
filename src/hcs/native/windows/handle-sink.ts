/**
 * Writes bytes to a Windows handle, in order and with back-pressure.
 *
 * A write resolves when the system has taken all of it; until then the chunk must not change. Waiting for a slow reader
 * occupies no thread. Only `close` closes the handle.
 */
import type { ByteSink } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import { withinTurn } from '../descriptor/turn.js';
import { type Overlapped, overlapped } from './overlapped.js';
import { win32Error } from './win32-error.js';

export interface HandleSink extends ByteSink {
  /** Rejects pending writes and closes the handle. May be called more than once. */
  close(): void;
}

interface Write {
  rest: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

/** Writes to a handle opened for overlapped I/O, and owns it from now on. */
export const handleSink = (handle: number): HandleSink => sinkOf(overlapped(handle));

export const sinkOf = (file: Overlapped): HandleSink => {
  const writes: Write[] = [];
  let closed = false;

  const fail = (error: unknown): void => {
    for (const write of writes.splice(0)) write.reject(error);
  };

  const attempt = (): void => {
    const write = writes[0];
    if (closed || write === undefined) return;
    file.write(write.rest, (code, length) => {
      if (closed) return;
      if (code !== 0) return fail(win32Error('WriteFile', code));
      write.rest = write.rest.subarray(length);
      if (write.rest.length === 0) {
        writes.shift();
        write.resolve();
      }
      if (withinTurn(length)) attempt();
      else setImmediate(attempt);
    });
  };

  return {
    write: (chunk) => {
      if (closed) return Promise.reject(closedError());
      if (chunk.length === 0 && writes.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        if (writes.push({ rest: chunk, resolve, reject }) === 1) attempt();
      });
    },
    close: () => {
      if (closed) return;
      closed = true;
      file.close();
      fail(closedError());
    },
  };
};

const closedError = (): RxshimError =>
  new RxshimError('failedPrecondition', 'the sink was closed before all was written');
