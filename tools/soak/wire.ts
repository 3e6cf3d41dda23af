/** Protobuf messages by the numbers of their fields, for the few of containerd's API that the soak uses. */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

type Value = string | number | boolean | Uint8Array | undefined;

/** Empty values are left out, as protobuf wants it. */
export const encode = (fields: Readonly<Record<number, Value | readonly Uint8Array[]>>): Uint8Array => {
  const writer = new BinaryWriter();
  for (const [field, value] of Object.entries(fields)) {
    const number = Number(field);
    if (value instanceof Uint8Array) writer.uint32((number << 3) | WireType.LengthDelimited).bytes(value);
    else if (typeof value === 'string') {
      if (value !== '') writer.uint32((number << 3) | WireType.LengthDelimited).string(value);
    } else if (typeof value === 'object') {
      for (const each of value) writer.uint32((number << 3) | WireType.LengthDelimited).bytes(each);
    } else if (value) writer.uint32((number << 3) | WireType.Varint).uint32(Number(value));
  }
  return writer.finish();
};

export interface Fields {
  number(field: number): number;
  messages(field: number): readonly Uint8Array[];
}

export const decode = (message: Uint8Array): Fields => {
  const numbers = new Map<number, number>();
  const messages = new Map<number, Uint8Array[]>();
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.Varint) numbers.set(field, Number(reader.uint64()));
    else if (type === WireType.LengthDelimited)
      messages.set(field, [...(messages.get(field) ?? []), reader.bytes()]);
    else reader.skip(type);
  }
  return {
    number: (field) => numbers.get(field) ?? 0,
    messages: (field) => messages.get(field) ?? [],
  };
};
