/**
 * Appends pieces to a file on threads of the pool, since a disk may be slow.
 *
 * A program whose log is full goes on: bytes that the file does not take are dropped and counted, and a note in the
 * file says so when it has room again.
 */
import { closeSync } from 'node:fs';
import type { MoveEvent } from './mover.js';
import { writeInPool } from './pool-writes.js';

const NEWLINE = 0x0a;

export interface FileWriter {
  /** Writes or drops all of it, and calls back. The bytes must stay as they are until then. One at a time. */
  take(bytes: Uint8Array, done: () => void): void;
  /** The file did not take so many bytes, which another writer had. */
  drop(bytes: number, code: string): void;
  /** Writes a note of the missing bytes into the file, if it has room, and calls back. */
  finish(done: () => void): void;
  /** Whether the last byte in the file ended a line. */
  lineEnded: boolean;
  readonly writing: boolean;
  readonly dropped: number;
  /** Whether further bytes are dropped. */
  readonly full: boolean;
  /** No callback follows. The descriptor is closed as soon as no thread uses it. */
  close(): void;
}

export const fileWriter = (to: number, onEvent: (event: MoveEvent) => void): FileWriter => {
  let open = true;
  let writing = false;
  let dropped = 0;
  let lineEnded = true;
  /** Set while the file takes no more: how much was dropped since, and why. */
  let full: { bytes: number; readonly code: string } | undefined;

  const inPool = (
    bytes: Uint8Array,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ) => {
    writing = true;
    writeInPool(to, bytes, (error, written) => {
      writing = false;
      if (open) done(error, written);
      else closeSync(to);
    });
  };

  const drop = (bytes: number, code: string): void => {
    if (full === undefined) onEvent({ type: 'dropping', code });
    full ??= { bytes: 0, code };
    full.bytes += bytes;
    dropped += bytes;
  };

  /** Calls back whether there was room. */
  const note = (
    missing: { readonly bytes: number; readonly code: string },
    done: (room: boolean) => void,
  ) => {
    const { bytes, code } = missing;
    const line = `${lineEnded ? '' : '\n'}[rxshim: ${bytes} bytes of output were dropped: ${code}]\n`;
    const encoded = Buffer.from(line);
    inPool(encoded, (error, written) => {
      const room = error === null && written === encoded.length;
      if (room) {
        lineEnded = true;
        full = undefined;
        onEvent({ type: 'dropped', bytes, code });
      }
      done(room);
    });
  };

  const writeAll = (bytes: Uint8Array, done: () => void): void =>
    inPool(bytes, (error, written) => {
      if (written > 0) lineEnded = bytes[written - 1] === NEWLINE;
      if (error === null && written < bytes.length) return writeAll(bytes.subarray(written), done);
      if (error !== null) drop(bytes.length - written, error.code ?? 'EIO');
      done();
    });

  return {
    take: (bytes, done) => {
      if (full === undefined) return writeAll(bytes, done);
      const { code } = full;
      note(full, (room) => {
        if (room) return writeAll(bytes, done);
        drop(bytes.length, code);
        done();
      });
    },
    drop,
    finish: (done) => {
      if (full === undefined) return done();
      const missing = full;
      note(missing, (room) => {
        if (!room) onEvent({ type: 'dropped', ...missing });
        done();
      });
    },
    get lineEnded() {
      return lineEnded;
    },
    set lineEnded(value) {
      lineEnded = value;
    },
    get writing() {
      return writing;
    },
    get dropped() {
      return dropped;
    },
    get full() {
      return full !== undefined;
    },
    close: () => {
      if (!open) return;
      open = false;
      // If the descriptor is closed while a thread is about to write, its number may already belong to another file.
      if (!writing) closeSync(to);
    },
  };
};
