/**
 * One message as it goes over the bridge: a header of 16 bytes (type, size, id, little-endian), then its body.
 *
 * The size counts the header. An id is any 64 bits; whoever answers repeats them as they came.
 */

export interface Frame {
  readonly type: number;
  readonly id: bigint;
  readonly body: Uint8Array;
}

export const headerSize = 16;

/** The most that a host takes from a guest, header included. A guest takes what it gets. */
export const hostLimit = 0x10000;

/** The bytes of a frame. */
export const encodeFrame = ({ type, id, body }: Frame): Uint8Array => {
  const bytes = Buffer.allocUnsafe(headerSize + body.length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeBigUInt64LE(id, 8);
  bytes.set(body, headerSize);
  return bytes;
};
