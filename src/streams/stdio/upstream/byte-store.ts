/** Bytes that wait for their reader, in blocks of up to 64 KiB; what is added is copied. */

export interface ByteStore {
  readonly size: number;
  add(bytes: Uint8Array): void;
  /** The next block, which is the caller's from now on; undefined when there is none. */
  take(): Uint8Array | undefined;
  clear(): void;
}

interface Block {
  bytes: Buffer;
  length: number;
}

const BLOCK = 64 * 1024;
const MIN = 1024;

export const byteStore = (): ByteStore => {
  const blocks: Block[] = [];
  let size = 0;

  /** The last block, with room for some of the bytes that are to come. */
  const roomFor = (coming: number): Block => {
    let last = blocks.at(-1);
    if (last === undefined || last.length === BLOCK) {
      last = { bytes: Buffer.allocUnsafe(0), length: 0 };
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

  const add = (bytes: Uint8Array): void => {
    size += bytes.length;
    for (let from = 0; from < bytes.length; ) {
      const block = roomFor(bytes.length - from);
      const part = bytes.subarray(from, from + BLOCK - block.length);
      block.bytes.set(part, block.length);
      block.length += part.length;
      from += part.length;
    }
  };

  const take = (): Uint8Array | undefined => {
    const block = blocks.shift();
    if (block === undefined) return undefined;
    size -= block.length;
    return block.bytes.subarray(0, block.length);
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
