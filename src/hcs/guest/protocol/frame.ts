/**
 * The framing of a message: a header of 16 bytes (type, size, id; little-endian), then the body.
 *
 * The size includes the header. An id is any 64-bit value, which the answer repeats.
 */

export interface Frame {
  readonly type: number;
  readonly id: bigint;
  readonly body: Uint8Array;
}

export const headerSize = 16;

/** The maximum size that a host accepts, header included. A guest has no limit. */
export const hostLimit = 0x10000;

/** Encodes a frame. */
export const encodeFrame = ({ type, id, body }: Frame): Uint8Array => {
  const bytes = withHeader(type, id, body.length);
  bytes.set(body, headerSize);
  return bytes;
};

/** Encodes a frame with a text as its body. */
export const encodeMessage = (type: number, id: bigint, text: string): Uint8Array => {
  const bytes = withHeader(type, id, Buffer.byteLength(text));
  bytes.write(text, headerSize);
  return bytes;
};

const withHeader = (type: number, id: bigint, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(headerSize + length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeBigUInt64LE(id, 8);
  return bytes;
};
