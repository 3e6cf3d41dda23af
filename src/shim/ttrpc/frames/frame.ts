/**
 * The frame of ttrpc: ten bytes of header, then a payload.
 *
 *     0  length of the payload, uint32 big-endian     8  type
 *     4  stream, uint32 big-endian                    9  flags
 */

export const headerSize = 10;

/** The longest payload that a peer accepts. */
export const maxPayload = 4 * 1024 * 1024;

/** The highest stream that a header can name. */
export const maxStream = 0xffff_ffff;

export const frameType = { request: 1, response: 2, data: 3 } as const;

export interface FrameHeader {
  readonly stream: number;
  readonly type: number;
  readonly flags: number;
}

export interface Frame extends FrameHeader {
  /** May share memory with the chunk that it came in. */
  readonly payload: Buffer;
}

/** Fills in the header at the start of `target`. Unary calls have no flags. */
export const writeHeader = (target: Buffer, stream: number, type: number, length: number): void => {
  target.writeUInt32BE(length, 0);
  target.writeUInt32BE(stream, 4);
  target[8] = type;
  target[9] = 0;
};
