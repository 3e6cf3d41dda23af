/**
 * A connection below a bridge over the descriptor of a connected unix socket. A `net.Socket` costs several times as much for
 * each message, and allocates 64 KiB for each one that it reads.
 */
import { closeSync } from 'node:fs';
import { Observable } from 'rxjs';
import { libc, nativeError } from '../../native/call/libc.js';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { withinTurn } from '../../native/descriptor/turn.js';
import type { BridgeConnection } from './connection.js';

const [MSG_DONTWAIT, MSG_NOSIGNAL] = [0x40, 0x4000];
const [EINTR, EAGAIN] = [4, 11];

/** Shared by all connections: what is read is copied at once. */
let buffer: Buffer | undefined;
const sizeOfBuffer = 64 * 1024;

/** Owns `fd` from now on. */
export const descriptorConnection = (fd: number): BridgeConnection => {
  const unsent: Uint8Array[] = [];
  let open = true;
  let ended: () => void = () => undefined;
  let failed: (error: unknown) => void = () => undefined;

  const close = (): void => {
    if (!open) return;
    open = false;
    forget(fd);
    closeSync(fd);
    unsent.length = 0;
    ended();
  };

  /** Sends until the socket is full. */
  const flush = (): void => {
    while (open && unsent.length > 0) {
      const [bytes] = unsent as [Uint8Array];
      const length = libc().send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
      const errno = length < 0 ? libc().errno() : 0;
      if (errno === EAGAIN) return void whenReady(fd, 'write', flush);
      if (errno === EINTR) continue;
      if (errno !== 0) {
        unsent.length = 0;
        // Reported as by a stream: not to the one who sends.
        return process.nextTick(fail, nativeError('write', errno));
      }
      if (length === bytes.length) unsent.shift();
      else unsent[0] = bytes.subarray(length);
    }
  };
  const fail = (error: unknown): void => {
    if (open) failed(error);
  };

  const received$ = new Observable<Uint8Array>((listener) => {
    ended = () => listener.complete();
    failed = (error) => listener.error(error);
    const read = (): void => {
      buffer ??= Buffer.allocUnsafeSlow(sizeOfBuffer);
      while (open) {
        const length = libc().recv(fd, buffer, sizeOfBuffer, MSG_DONTWAIT);
        const errno = length < 0 ? libc().errno() : 0;
        if (errno === EINTR) continue;
        if (length === 0) return listener.complete();
        if (errno !== 0 && errno !== EAGAIN) return listener.error(nativeError('read', errno));
        if (length > 0) listener.next(Buffer.from(buffer.subarray(0, length)));
        if (listener.closed) return;
        // A full buffer: there may be more.
        if (length < sizeOfBuffer) break;
        if (!withinTurn(length)) return void setImmediate(read);
      }
      if (open) whenReady(fd, 'read', read);
    };
    if (open) whenReady(fd, 'read', read);
    else listener.complete();
  });

  return {
    received$,
    send: (bytes) => {
      if (open && unsent.push(bytes) === 1) flush();
    },
    close,
  };
};
