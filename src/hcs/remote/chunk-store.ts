/**
 * Bytes that wait for a reader: `pieceList` keeps what it gets, `chunkStore` copies it into blocks which are used again and
 * again, so that a flood of output makes no garbage, and small pieces that wait are joined.
 *
 * The invariant: a chunk that was taken stays valid until the next one is taken; if none is, its memory is not used again.
 */
export interface ChunkStore {
  /** In bytes: those that were not taken yet. */
  readonly length: number;
  push(bytes: Uint8Array): void;
  take(): Uint8Array | undefined;
  /** Drops what waits. */
  clear(): void;
}

/** Keeps the pieces as they are. */
export const pieceList = (): ChunkStore => {
  let pieces: Uint8Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push: (bytes) => {
      pieces.push(bytes);
      length += bytes.length;
    },
    take: () => {
      const piece = pieces.shift();
      length -= piece?.length ?? 0;
      return piece;
    },
    clear: () => {
      pieces = [];
      length = 0;
    },
  };
};

const blockSize = 64 * 1024;

/** A piece up to this size that finds nothing waiting gets memory of its own: an idle reader holds no block. */
const smallPiece = 2_048;

/** Shared by all stores. */
const freeBlocks: Uint8Array[] = [];
const maxFreeBlocks = 16;

interface Part {
  readonly bytes: Uint8Array;
  readonly isBlock: boolean;
  filled: number;
}

export const chunkStore = (): ChunkStore => {
  const parts: Part[] = [];
  let taken: Part | undefined;
  let length = 0;

  const giveBack = (part: Part | undefined): void => {
    if (part?.isBlock && freeBlocks.length < maxFreeBlocks) freeBlocks.push(part.bytes);
  };
  return {
    get length() {
      return length;
    },
    push: (bytes) => {
      length += bytes.length;
      if (parts.length === 0 && bytes.length <= smallPiece) {
        parts.push({ bytes: Uint8Array.from(bytes), isBlock: false, filled: bytes.length });
        return;
      }
      for (let at = 0; at < bytes.length; ) {
        let last = parts.at(-1);
        if (last === undefined || !last.isBlock || last.filled === blockSize) {
          last = { bytes: freeBlocks.pop() ?? new Uint8Array(blockSize), isBlock: true, filled: 0 };
          parts.push(last);
        }
        const end = Math.min(bytes.length, at + blockSize - last.filled);
        last.bytes.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), last.filled);
        last.filled += end - at;
        at = end;
      }
    },
    take: () => {
      giveBack(taken);
      const part = parts.shift();
      taken = part;
      if (part === undefined) return undefined;
      length -= part.filled;
      return part.filled === part.bytes.length ? part.bytes : part.bytes.subarray(0, part.filled);
    },
    clear: () => {
      // The reader may still use what was taken.
      taken = undefined;
      for (const part of parts.splice(0)) giveBack(part);
      length = 0;
    },
  };
};
