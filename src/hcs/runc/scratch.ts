/**
 * A directory for the files of one command: short of name, as it may hold a socket, and removed whatever happens.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch {
  path(name: string): string;
  remove(): void;
}

/** A socket's path has 107 bytes. */
const mostOfBase = 60;

export const openScratch = (): Scratch => {
  const base = tmpdir();
  const directory = mkdtempSync(join(base.length > mostOfBase ? '/tmp' : base, 'rxshim-'));
  return {
    path: (name) => join(directory, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};
