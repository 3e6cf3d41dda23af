/** A connection in memory, delivered at once: what a client sends is kept as frames, and a spec plays the guest. */
import { Subject } from 'rxjs';
import type { BridgeConnection } from '../../../src/hcs/guest/bridge/connection.js';
import { encodeFrame, type Frame } from '../../../src/hcs/guest/protocol/frame.js';
import { frames } from '../../../src/hcs/guest/protocol/frames.js';
import { type Fields, parseBody } from '../../../src/hcs/guest/protocol/json.js';
import { responseTo } from '../../../src/hcs/guest/protocol/message-types.js';

export interface Sent extends Frame {
  readonly fields: Fields;
}

export interface MemoryConnection extends BridgeConnection {
  readonly sent: readonly Sent[];
  readonly closed: boolean;
  /** Bytes from the guest. */
  arrive(bytes: Uint8Array): void;
  frame(type: number, id: bigint, body: unknown): void;
  answer(request: Sent, body?: object): void;
  notify(containerId: string): void;
  end(): void;
  fail(error: Error): void;
}

export const memoryConnection = (onSent: (request: Sent) => void = () => undefined): MemoryConnection => {
  const received$ = new Subject<Uint8Array>();
  const wire$ = new Subject<Uint8Array>();
  const sent: Sent[] = [];
  let closed = false;
  wire$.pipe(frames(Number.POSITIVE_INFINITY)).subscribe((frame) => {
    const request = { ...frame, fields: parseBody(frame.body) as Fields };
    sent.push(request);
    onSent(request);
  });
  const frame: MemoryConnection['frame'] = (type, id, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    received$.next(encodeFrame({ type, id, body: Buffer.from(text) }));
  };
  return {
    received$,
    sent,
    get closed() {
      return closed;
    },
    send: (bytes) => wire$.next(bytes),
    close: () => {
      closed = true;
    },
    arrive: (bytes) => received$.next(bytes),
    frame,
    answer: ({ type, id }, body = {}) => frame(responseTo(type), id, { Result: 0, ...body }),
    notify: (ContainerId) =>
      frame(0x30100101, 0n, { ContainerId, Type: 'UnexpectedExit', Operation: 'None', Result: 0 }),
    end: () => received$.complete(),
    fail: (error) => received$.error(error),
  };
};
