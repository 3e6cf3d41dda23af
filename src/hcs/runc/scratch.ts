/**
 * A directory for the files of one command: short of name, as it may hold a socket, and removed whatever happens.
 *
 * In memory where there is such a place: on a disk, making and removing it took longer than the command's own start.
 */
import { accessSync, constants, mkdtempSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch {
  path(name: string): string;
  remove(): void;
}

/** A socket's path has 107 bytes at the most. */
const mostOfBase = 60;

const inMemory = '/dev/shm';

let base: string | undefined;

export const openScratch = (): Scratch => {
  base ??= findBase();
  const directory = mkdtempSync(join(base, `rxshim-runc-${process.pid}-`));
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

const findBase = (): string => {
  try {
    accessSync(inMemory, constants.R_OK | constants.W_OK | constants.X_OK);
    return inMemory;
  } catch {
    const usual = tmpdir();
    return usual.length > mostOfBase ? '/tmp' : usual;
  }
};

const unlinkIfThere = (path: string): void => {
  try {
    unlinkSync(path);
  } catch {
    // Never written: the command had nothing to log, or failed before.
  }
};
