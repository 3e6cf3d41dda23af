/**
 * Frames into a socket: whatever is sent in one turn of the event loop leaves in one writev, and a long payload goes out
 * from where it lies.
 *
 * It never waits: `full` is set when the peer reads too slowly, and a caller that still sends grows the buffer.
 */
import type { Socket } from 'node:net';
import { headerSize, writeHeader } from './frame.js';

export interface FrameWriter {
  /** Sends `head` and `payload` as the one payload of a frame; drops it when the socket is closed. */
  send(stream: number, type: number, head: Uint8Array, payload: Uint8Array): void;
  /** Whether more is buffered than should be; the socket emits 'drain' when that is over. */
  readonly full: boolean;
}

/** Below this, a copy costs less than one more buffer in a writev. */
const copied = 16 * 1024;

export const frameWriter = (socket: Socket): FrameWriter => {
  let corked = false;

  const uncork = (): void => {
    corked = false;
    socket.uncork();
  };

  return {
    send: (stream, type, head, payload) => {
      if (!socket.writable) return;
      if (!corked) {
        corked = true;
        socket.cork();
        // Ticks run after the promises of this turn, hence after all answers that are ready now.
        process.nextTick(uncork);
      }
      const length = head.length + payload.length;
      const together = length <= copied;
      const first = Buffer.allocUnsafe(headerSize + (together ? length : head.length));
      writeHeader(first, stream, type, length);
      first.set(head, headerSize);
      if (together) first.set(payload, headerSize + head.length);
      socket.write(first);
      if (!together) socket.write(payload);
    },
    get full() {
      return socket.writableNeedDrain;
    },
  };
};
