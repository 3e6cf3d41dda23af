/**
 * Captures the output of a command while it runs. Only the last `max` bytes are kept, since an error is reported at the
 * end.
 *
 * The caller reads the text when the command has ended and does not wait for end of file: a child that the command left
 * behind may keep the pipe open.
 */
import { closeSync } from 'node:fs';
import { libc } from '../../native/call/libc.js';
import { forget, whenReady } from '../../native/descriptor/readiness.js';
import { openPipe } from '../../native/pipe/pipe.js';

export interface Capture {
  /** The write end, for the command. Valid until `started`. */
  readonly fd: number;
  started(): void;
  /** Reads what is left in the pipe, closes it and returns the captured text. Call it once. */
  text(): string;
}

const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const pieceSize = 16 * 1024;

/** Keeps at least the last `max` bytes. */
export const capture = (max: number): Capture => {
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
    while (kept - (pieces[0] as Buffer).length >= max) kept -= (pieces.shift() as Buffer).length;
  };

  // Bounded, so that a command that floods the pipe does not block the event loop.
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
      // A full pipe (1 MiB at most) is read in 64 pieces.
      drain(64);
      close();
      return Buffer.concat(pieces).toString();
    },
  };
};
