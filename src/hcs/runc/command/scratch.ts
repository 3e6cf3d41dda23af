/**
 * A temporary directory for the files of one command. Its path is short, since it may hold a socket.
 *
 * It is created in memory if possible (/dev/shm): on a disk, creating and removing it took longer than starting the
 * command. Directories of killed processes are removed by the next process that needs one.
 */
import { mkdtempSync, rmdirSync, rmSync, statfsSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, RxshimError } from '../../failures/errors.js';
import { removeLeftovers, scratchName } from './scratch-leftovers.js';

export interface Scratch {
  path(name: string): string;
  remove(): void;
}

/** The path of a socket has at most 107 bytes; at most 50 are ours. */
const maxPlaceLength = 50;

/** The files of one command take less than this. The process document is the largest. */
const requiredSpace = { bytes: 1024 * 1024, files: 8 };

/** Tried in this order. */
const defaultPlaces = (): readonly string[] =>
  ['/dev/shm', tmpdir(), '/tmp', '/run'].filter((place) => place.length <= maxPlaceLength);

const swept = new Set<string>();

/** @throws RxshimError `unavailable` if the directory can be created nowhere. */
export const openScratch = (places: readonly string[] = defaultPlaces()): Scratch => {
  const refusals: unknown[] = [];
  for (const place of places) {
    try {
      sweepOnce(place);
      assertSpace(place);
      return scratchAt(mkdtempSync(join(place, scratchName())));
    } catch (refusal) {
      refusals.push(refusal);
    }
  }
  const reasons = refusals.map(messageOf).join('; ');
  throw new RxshimError('unavailable', `no place for the files of a command: ${reasons}`, {
    cause: refusals[0],
  });
};

const sweepOnce = (place: string): void => {
  if (swept.has(place)) return;
  swept.add(place);
  removeLeftovers(place);
};

/** Checked in advance, because a runtime that cannot write its pid file kills the process that it has started. */
const assertSpace = (place: string): void => {
  const { bavail, bsize, ffree, files } = statfsSync(place);
  // Some file systems do not count files or have no size.
  const isFull = bavail * bsize < requiredSpace.bytes || (files > 0 && ffree < requiredSpace.files);
  if (isFull) throw new Error(`ENOSPC: ${place} is full`);
};

const scratchAt = (directory: string): Scratch => {
  const used = new Set<string>();
  return {
    path: (name) => {
      const path = join(directory, name);
      used.add(path);
      return path;
    },
    remove: () => {
      for (const path of used) unlinkIfThere(path);
      try {
        rmdirSync(directory);
      } catch {
        // The runtime has created other files there.
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
};

const unlinkIfThere = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // Never written: the command had nothing to log or failed early.
  }
};
