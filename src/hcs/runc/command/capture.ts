/**
 * What a command writes, read while it runs and bounded: the end of it is what tells.
 *
 * A child of the command may hold the pipe for longer than the command lives, so whoever saw the command end takes what
 * is there by then and waits for no more.
 */
import { closeSync } from 'node:fs';
import { libc } from '../../native/call/libc.js';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { openPipe } from '../../native/pipe/pipe.js';

export interface Capture {
  /** For the command. Valid until `started`. */
  readonly fd: number;
  started(): void;
  /** The last of what was written so far. To be asked once: nothing is read after that. */
  text(): string;
}

const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const pieceSize = 16 * 1024;

/** Keeps the last `most` bytes or somewhat more. */
export const capture = (most: number): Capture => {
  const { read, write } = openPipe();
  const pieces: Buffer[] = [];
  let kept = 0;
  let open = true;

  const close = (): void => {
    if (!open) return;
    open = false;
    forget(read);
    closeSync(read);
  };

  const keep = (piece: Buffer): void => {
    pieces.push(piece);
    kept += piece.length;
    while (kept - (pieces[0] as Buffer).length >= most) kept -= (pieces.shift() as Buffer).length;
  };

  // Bounded: whoever floods the pipe must not keep this process from anything else.
  const drain = (pulls: number): void => {
    for (; open && pulls > 0; pulls--) {
      const piece = Buffer.allocUnsafe(pieceSize);
      const length = libc().read(read, piece, pieceSize);
      if (length < 0) return;
      if (length === 0) return close();
      keep(piece.subarray(0, length));
    }
  };

  const watch = (): void => {
    drain(8);
    if (open) whenReady(read, 'read', watch);
  };

  libc().fcntl(read, F_SETFL, 'int', O_NONBLOCK);
  whenReady(read, 'read', watch);
  return {
    fd: write,
    started: () => closeSync(write),
    text: () => {
      // A pipe holds no more than so much that was written before the command ended.
      drain(64);
      close();
      return Buffer.concat(pieces).toString();
    },
  };
};
