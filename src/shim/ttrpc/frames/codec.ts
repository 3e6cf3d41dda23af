/**
 * Messages to bytes and back, for codecs as ts-proto generates them.
 *
 * A generated decoder stops at a tag of zero as though the message ended there; here that is an error, as it is in Go.
 */
import { BinaryReader, type BinaryWriter } from '@bufbuild/protobuf/wire';

export interface Codec<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}

/** @throws for bytes that are not such a message, or not only. */
export const decodeWhole = <T>(codec: Codec<T>, bytes: Uint8Array): T => {
  const reader = new BinaryReader(bytes);
  const message = codec.decode(reader);
  if (reader.pos !== bytes.length)
    throw new Error(`the message ends at byte ${reader.pos} of ${bytes.length}`);
  return message;
};

export const encodeWhole = <T>(codec: Codec<T>, message: T): Uint8Array => codec.encode(message).finish();

export const noBytes = new Uint8Array(0);
