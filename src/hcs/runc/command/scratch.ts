/**
 * A directory for the files of one command: short of name, as it may hold a socket, and removed whatever happens.
 *
 * In memory where there is such a place with room: on a disk, making and removing it took longer than the command's own
 * start. What a process that was killed has left behind is removed by the next one that needs a directory.
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

/** A socket's path has 107 bytes at the most, and the last part of ours at most 50. */
const longestPlace = 50;

/** The files of one command together take less than this. The document of a process is the largest. */
const roomNeeded = { bytes: 1024 * 1024, files: 8 };

/** In the order in which they are tried. */
const usualPlaces = (): readonly string[] =>
  ['/dev/shm', tmpdir(), '/tmp', '/run'].filter((place) => place.length <= longestPlace);

const lookedThrough = new Set<string>();

/** @throws RxshimError `unavailable` when no place takes a directory. */
export const openScratch = (places: readonly string[] = usualPlaces()): Scratch => {
  const refusals: unknown[] = [];
  for (const place of places) {
    try {
      removeLeftoversOnce(place);
      mustHaveRoom(place);
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

const removeLeftoversOnce = (place: string): void => {
  if (lookedThrough.has(place)) return;
  lookedThrough.add(place);
  removeLeftovers(place);
};

/** A runtime that cannot write its pid file kills what it has started: so this is asked before. */
const mustHaveRoom = (place: string): void => {
  const { bavail, bsize, ffree, files } = statfsSync(place);
  // Some file systems do not count files, and some have no size.
  const isFull = bavail * bsize < roomNeeded.bytes || (files > 0 && ffree < roomNeeded.files);
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
        // The runtime has put something there that nobody asked for.
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
};

const unlinkIfThere = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // Never written: the command had nothing to log, or failed before.
  }
};
