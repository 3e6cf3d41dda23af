/**
 * Decodes the multiplexed stream of a container's output: frames of `[type, 0, 0, 0, length]` and a payload.
 *
 * The invariant: whatever the sizes of the chunks that come in, the pieces that go out hold the same bytes in the same
 * order. Payloads are slices of the chunks, never copied or joined, so the cost is linear and nothing is kept but a header.
 */
import { RxshimError } from '../../failures/errors.js';

/** 0 is stdin, which daemons write to stdout; 3 is an error of the daemon, as text. */
export type FrameType = 0 | 1 | 2 | 3;

export interface FrameDecoder {
  /** Calls back for each piece of a payload. @throws RxshimError for what is no such stream. */
  push(chunk: Uint8Array, piece: (type: FrameType, bytes: Uint8Array) => void): void;
  /** Whether the stream may end here: not within a frame. */
  readonly isBetweenFrames: boolean;
}

const headerLength = 8;

export const frameDecoder = (): FrameDecoder => {
  const header = Buffer.alloc(headerLength);
  let filled = 0;
  let type: FrameType = 1;
  let left = 0;
  return {
    get isBetweenFrames() {
      return left === 0 && filled === 0;
    },
    push: (chunk, piece) => {
      let at = 0;
      while (at < chunk.length) {
        if (left === 0) {
          const taken = Math.min(headerLength - filled, chunk.length - at);
          header.set(chunk.subarray(at, at + taken), filled);
          filled += taken;
          at += taken;
          if (filled < headerLength) return;
          filled = 0;
          type = typeOf(header);
          left = header.readUInt32BE(4);
          continue;
        }
        const taken = Math.min(left, chunk.length - at);
        piece(type, chunk.subarray(at, at + taken));
        left -= taken;
        at += taken;
      }
    },
  };
};

const typeOf = (header: Buffer): FrameType => {
  const type = header[0] as number;
  if (type > 3 || header[1] !== 0 || header[2] !== 0 || header[3] !== 0)
    throw new RxshimError('unknown', `a frame of the output begins with 0x${header.toString('hex', 0, 4)}`);
  return type as FrameType;
};
