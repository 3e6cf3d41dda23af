/**
 * Opens named pipes, or anything else at such a path, without blocking.
 *
 * A plain open of a FIFO blocks for the other side, in one of libuv's four threads. These do not. The output of a
 * process is neither lost nor does it fail without a reader: it waits for a later one.
 */
import { constants, openSync, statSync } from 'node:fs';

const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * Opens one end of the FIFO at `path`.
 *
 * `write`: the descriptor is also a reader, one that never reads. So opening finds no "no reader" (ENXIO), a reader
 * that goes away is no EPIPE, and readers see the end of file only when this descriptor is closed.
 *
 * `read`: a `descriptorSource` on it ends when the last writer is gone, but not before the first one came.
 *
 * A plain file is appended to, and created (mode 0644) if nothing is there.
 *
 * @throws what `openSync` throws, such as ENOENT for a FIFO to read that does not exist
 */
export const openFifo = (path: string, direction: 'read' | 'write'): number => {
  const shared = O_NONBLOCK | O_NOCTTY;
  if (direction === 'read') return openSync(path, O_RDONLY | shared);
  if (statSync(path, { throwIfNoEntry: false })?.isFIFO()) return openSync(path, O_RDWR | shared);
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | shared, 0o644);
};
