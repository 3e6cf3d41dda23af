/**
 * Large read buffers, shared by all sources.
 *
 * A source holds one only from a successful read to the next pull, so an idle source holds none. A few are kept for
 * reuse; one that is never returned is garbage-collected.
 */
import { koffi } from '../call/koffi.js';

/** Enough to empty most pipes in one call, and small enough to stay in the processor's cache. */
export const BUFFER_SIZE = 256 * 1024;
const PAGE = 4096;
const KEPT = 4;

const free: Uint8Array[] = [];

/** A buffer of BUFFER_SIZE bytes with anything in it. Pages that are never written to are never allocated. */
export const borrowBuffer = (): Uint8Array => free.pop() ?? allocate();

/** Returns a buffer. It must not be used afterwards. */
export const returnBuffer = (buffer: Uint8Array): void => {
  if (free.length < KEPT) free.push(buffer);
};

/** The kernel copies pages two to four times as fast to where a page begins, and `malloc` begins 16 bytes later. */
const allocate = (): Uint8Array => {
  const room = Buffer.allocUnsafeSlow(BUFFER_SIZE + PAGE);
  const start = Number(-koffi().address(room) & BigInt(PAGE - 1));
  return room.subarray(start, start + BUFFER_SIZE);
};
