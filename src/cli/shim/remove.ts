/**
 * Removes an installation: what its record names, and nothing else.
 */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../hcs/failures/errors.js';
import { CliError, exitCodes } from '../options/usage.js';
import { layoutOf } from './layout.js';
import { readRecord } from './record.js';

/** Returns what was removed. @throws CliError if nothing is installed, or something cannot be removed. */
export const uninstall = (prefix: string): readonly string[] => {
  const layout = layoutOf(prefix);
  const record = readRecord(layout.record);
  if (record === undefined) throw new CliError(`nothing is installed in ${prefix}`, exitCodes.failed);
  try {
    // The launcher first: without its bundle it would only fail.
    const files = [layout.launcher, ...record.files, ...record.earlier.map(({ path }) => path)];
    for (const file of files) removeFile(file);
    // Last, since the removal cannot be repeated without it.
    removeFile(layout.record);
    for (const folder of record.folders) removeIfEmpty(folder);
    return [...new Set(files)];
  } catch (error) {
    throw new CliError(`cannot remove it from ${prefix}: ${messageOf(error)}`, exitCodes.failed, error);
  }
};

/** Including the compile cache of the shim. */
export const removeFile = (file: string): void => {
  rmSync(file, { force: true });
  for (const cache of cachesOf(file)) rmSync(cache, { force: true });
};

/** Removes compile caches of other node versions, and temporary files of killed daemons. */
export const removeStaleCaches = (file: string): void => {
  const current = `${file}.${process.version}-${process.arch}.`;
  for (const cache of cachesOf(file)) {
    const [, writer] = /\.cache\.(\d+)$/.exec(cache) ?? [];
    const isBeingWritten = writer !== undefined && existsSync(`/proc/${writer}`);
    const isCurrent = cache.startsWith(current) && writer === undefined;
    if (!isCurrent && !isBeingWritten) rmSync(cache, { force: true });
  }
};

const cachesOf = (file: string): readonly string[] => {
  if (!file.endsWith('.cjs')) return [];
  const folder = dirname(file);
  return namesIn(folder)
    .filter((name) => name.startsWith(`${basename(file)}.`) && name.includes('.cache'))
    .map((name) => join(folder, name));
};

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const removeIfEmpty = (folder: string): void => {
  try {
    rmdirSync(folder);
  } catch {
    // The folder holds foreign files.
  }
};
