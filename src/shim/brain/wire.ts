/**
 * The bytes of the two channels between keeper and brain: the same as src/shim/keeper/wire.h. See docs/keeper.md.
 *
 * Numbers are big-endian. A string is its length in four bytes, its bytes, and a zero byte, so that C finds a string there.
 */
import { invalid } from '../../hcs/failures/errors.js';

export const linkHead = 12;

export const toBrain = {
  hello: 1,
  open: 2,
  request: 3,
  closed: 4,
  exit: 5,
  spawned: 6,
  held: 7,
  ready: 8,
  ping: 9,
  moved: 10,
} as const;

export const toKeeper = {
  response: 17,
  confirm: 18,
  drop: 19,
  pong: 20,
  deposit: 21,
  withdraw: 22,
  leave: 23,
  restored: 24,
} as const;

export const command = {
  spawn: 1,
  kill: 2,
  hold: 3,
  take: 4,
  release: 5,
  attach: 6,
  detach: 7,
  report: 8,
  settle: 9,
  finish: 10,
  names: 11,
  child: 12,
} as const;

/** One value to write: a string, or a number with its size. */
export type Field =
  | string
  | Uint8Array
  | { readonly u8: number }
  | { readonly u32: number }
  | { readonly u64: bigint };

/** @throws RxshimError `invalidArgument` for a string with a zero byte. */
export const encode = (...fields: readonly Field[]): Buffer => Buffer.concat(fields.map(encoded));

const encoded = (field: Field): Uint8Array => {
  if (typeof field === 'string') {
    if (field.includes('\0')) throw invalid('string', field, 'without a zero byte');
    const bytes = Buffer.from(field);
    return Buffer.concat([lengthOf(bytes), bytes, zero]);
  }
  if (field instanceof Uint8Array) return Buffer.concat([lengthOf(field), field]);
  if ('u8' in field) return Buffer.of(field.u8);
  if ('u32' in field) return u32(field.u32);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(field.u64);
  return bytes;
};

const zero = Buffer.alloc(1);

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const lengthOf = (bytes: Uint8Array): Buffer => u32(bytes.length);

export interface Reader {
  u8(): number;
  u32(): number;
  u64(): bigint;
  string(): string;
  readonly left: number;
}

/** @throws RangeError from each method, for bytes that end too early. */
export const reader = (bytes: Buffer): Reader => {
  let at = 0;
  const take = (size: number): number => {
    const from = at;
    if (from + size > bytes.length) throw new RangeError(`the message ends within a field at ${from}`);
    at += size;
    return from;
  };
  const nextU32 = (): number => bytes.readUInt32BE(take(4));
  return {
    u8: () => bytes.readUInt8(take(1)),
    u32: nextU32,
    u64: () => bytes.readBigUInt64BE(take(8)),
    string: () => {
      const length = nextU32();
      const from = take(length + 1);
      return bytes.toString('utf8', from, from + length);
    },
    get left() {
      return bytes.length - at;
    },
  };
};

export interface LinkMessage {
  readonly type: number;
  /** The number of containerd's connection that the message is about; 0 for none. */
  readonly client: number;
  readonly body: Buffer;
}

export const encodeLink = ({ type, client, body }: LinkMessage): Buffer =>
  Buffer.concat([u32(body.length), Buffer.of(type, 0, 0, 0), u32(client), body]);

/** Messages out of chunks that may be cut anywhere. */
export const linkReader = (received: (message: LinkMessage) => void): ((chunk: Buffer) => void) => {
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted: number = linkHead;
  return (chunk) => {
    pieces.push(chunk);
    held += chunk.length;
    // Joined only when a message is complete: a long one comes in many chunks.
    if (held < wanted) return;
    let bytes = pieces.length === 1 ? chunk : Buffer.concat(pieces, held);
    wanted = linkHead;
    while (bytes.length >= linkHead) {
      const end = linkHead + bytes.readUInt32BE(0);
      if (bytes.length < end) {
        wanted = end;
        break;
      }
      received({
        type: bytes.readUInt8(4),
        client: bytes.readUInt32BE(8),
        body: bytes.subarray(linkHead, end),
      });
      bytes = bytes.subarray(end);
    }
    pieces = bytes.length === 0 ? [] : [bytes];
    held = bytes.length;
  };
};
