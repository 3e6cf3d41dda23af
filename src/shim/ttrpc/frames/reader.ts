/**
 * Frames out of chunks that may be cut anywhere.
 *
 * It holds no more than one unfinished frame, and of that only what has arrived (at most twice as much): a header that
 * promises 4 MiB costs nothing by itself. A frame that lies whole within a chunk is not copied. Which types matter is for
 * the listener to decide.
 */
import { type Frame, type FrameHeader, headerSize, maxPayload } from './frame.js';

export interface FrameListener {
  frame(frame: Frame): void;
  /** A frame whose payload was longer than allowed and has been skipped. */
  oversize(header: FrameHeader, length: number): void;
}

export interface FrameReader {
  push(chunk: Buffer): void;
  /** Whether the bytes so far end within a frame. */
  readonly unfinished: boolean;
}

export const frameReader = (listener: FrameListener, limit = maxPayload): FrameReader => {
  let carried: Buffer = Buffer.alloc(0);
  let held = 0;
  let header: FrameHeader | undefined;
  let length = 0;
  let skipped = 0;

  const hold = (piece: Buffer): void => {
    if (held + piece.length > carried.length) {
      const larger = Buffer.allocUnsafe(Math.max(64, (held + piece.length) * 2));
      carried.copy(larger, 0, 0, held);
      carried = larger;
    }
    piece.copy(carried, held);
    held += piece.length;
  };

  /** The next `size` bytes from what is held and `chunk` at `from`; holds the rest of the chunk if they are not all there. */
  const gather = (chunk: Buffer, from: number, size: number): Buffer | undefined => {
    const wanted = size - held;
    if (chunk.length - from < wanted) {
      hold(chunk.subarray(from));
      return undefined;
    }
    if (held === 0) return chunk.subarray(from, from + size);
    hold(chunk.subarray(from, from + wanted));
    const whole = carried.subarray(0, size);
    // Given away with the frame.
    carried = Buffer.alloc(0);
    held = 0;
    return whole;
  };

  const push = (chunk: Buffer): void => {
    let at = 0;
    for (;;) {
      if (header === undefined) {
        const before = held;
        const bytes = gather(chunk, at, headerSize);
        if (bytes === undefined) return;
        at += headerSize - before;
        length = bytes.readUInt32BE(0);
        header = { stream: bytes.readUInt32BE(4), type: bytes[8] as number, flags: bytes[9] as number };
        skipped = 0;
      }
      const current: FrameHeader = header;
      if (length > limit) {
        const skip = Math.min(length - skipped, chunk.length - at);
        at += skip;
        skipped += skip;
        if (skipped < length) return;
        header = undefined;
        listener.oversize(current, length);
        continue;
      }
      const before = held;
      const payload = gather(chunk, at, length);
      if (payload === undefined) return;
      at += length - before;
      header = undefined;
      listener.frame({ ...current, payload });
    }
  };

  return {
    push,
    get unfinished() {
      return held > 0 || header !== undefined;
    },
  };
};
