/**
 * Gives a pipe room when it proves busy, and not before.
 *
 * Bigger pipes save wake-ups, and most streams would never use them; an unprivileged user has a share of some 64 MiB,
 * and a user who has exhausted it gets tiny ones.
 */
import { setPipeSize } from './pipe.js';

/** The default capacity of a pipe. */
const DEFAULT_PIPE_SIZE = 64 * 1024;
const BUSY_PIPE_SIZE = 1024 * 1024;
/** So much has gone through only if somebody reads. */
const PROOF = 256 * 1024;

/** Notified of every piece that was moved; makes the pipes bigger once they come in big pieces, or at once by `now`. */
export interface GrowPipes {
  (length: number): void;
  /** Returns whether they hold more now than they did at first. */
  now(): boolean;
}

export const growBusyPipes = (...fds: readonly number[]): GrowPipes => {
  let moved = 0;
  let grown = false;
  let granted = false;
  const now = (): boolean => {
    if (grown) return granted;
    grown = true;
    granted = fds.map((fd) => setPipeSize(fd, BUSY_PIPE_SIZE)).every(Boolean);
    return granted;
  };
  const grow = (length: number): void => {
    moved += length;
    if (length >= DEFAULT_PIPE_SIZE && moved >= PROOF) now();
  };
  return Object.assign(grow, { now });
};
