/**
 * Bytes written to a Windows handle, in order, as fast as the other side takes them.
 *
 * A write is done when the system has all of it; until then the chunk must stay as it is. Waiting for a slow reader
 * holds no thread. The handle is closed by `close` alone.
 */
import type { ByteSink } from '../../contract/bytes.js';
import { RxshimError } from '../../failures/errors.js';
import { withinTurn } from '../descriptor/turn.js';
import { type Overlapped, overlapped } from './overlapped.js';
import { win32Error } from './win32-error.js';

export interface HandleSink extends ByteSink {
  /** Rejects writes that are not done and closes the handle. May be called more than once. */
  close(): void;
}

interface Write {
  rest: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
}

/** Writes to a handle that is open for overlapped use, which it owns from now on. */
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
