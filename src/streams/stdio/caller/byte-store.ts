/**
 * Bytes that wait for their reader, in blocks of up to 64 KiB; what is added is copied. A block ends where something came by
 * another stream in between, so that blocks of several stores can be put in the order of their arrival.
 */
import type { Stamp } from './arrivals.js';

export interface ByteStore {
  readonly size: number;
  add(bytes: Uint8Array, stamp: Stamp): void;
  /** The next block, which is the caller's from now on; undefined when there is none. */
  take(): { readonly bytes: Uint8Array; readonly stamp: Stamp } | undefined;
  clear(): void;
}

interface Block {
  bytes: Buffer;
  length: number;
  /** When its first byte came. */
  readonly stamp: Stamp;
}

const BLOCK = 64 * 1024;
const MIN = 64;
/** With more blocks than this, order gives way to memory: small pieces are put together. */
const MANY = 1024;

export const byteStore = (): ByteStore => {
  const blocks: Block[] = [];
  let size = 0;

  /** The last block, with room for some of the bytes that are to come. */
  const roomFor = (coming: number, stamp: Stamp): Block => {
    let last = blocks.at(-1);
    const another = last !== undefined && last.stamp.turn !== stamp.turn && blocks.length < MANY;
    if (last === undefined || last.length === BLOCK || another) {
      last = { bytes: Buffer.allocUnsafe(0), length: 0, stamp };
      blocks.push(last);
    }
    if (last.bytes.length < Math.min(last.length + coming, BLOCK)) {
      const bigger = Buffer.allocUnsafe(
        Math.min(BLOCK, Math.max(MIN, 2 * last.length, last.length + coming)),
      );
      bigger.set(last.bytes.subarray(0, last.length));
      last.bytes = bigger;
    }
    return last;
  };

  const add: ByteStore['add'] = (bytes, stamp) => {
    size += bytes.length;
    for (let from = 0; from < bytes.length; ) {
      const block = roomFor(bytes.length - from, stamp);
      const part = bytes.subarray(from, from + BLOCK - block.length);
      block.bytes.set(part, block.length);
      block.length += part.length;
      from += part.length;
    }
  };

  const take: ByteStore['take'] = () => {
    const block = blocks.shift();
    if (block === undefined) return undefined;
    size -= block.length;
    return { bytes: block.bytes.subarray(0, block.length), stamp: block.stamp };
  };

  const clear = (): void => {
    blocks.length = 0;
    size = 0;
  };

  return {
    get size() {
      return size;
    },
    add,
    take,
    clear,
  };
};
