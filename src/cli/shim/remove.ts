/** Takes an installation away: what its record names, and nothing else. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../hcs/failures/errors.js';
import { CliError, exitCodes } from '../options/usage.js';
import { layoutOf } from './layout.js';
import { readRecord } from './record.js';

/** Answers what was removed. @throws CliError when nothing is installed there, or not all of it can be removed. */
export const uninstall = (prefix: string): readonly string[] => {
  const layout = layoutOf(prefix);
  const record = readRecord(layout.record);
  if (record === undefined) throw new CliError(`nothing is installed in ${prefix}`, exitCodes.failed);
  try {
    // The launcher first: without its bundle it could only fail.
    const files = [layout.launcher, ...record.files, ...record.earlier.map(({ path }) => path)];
    for (const file of files) removeFile(file);
    // Last, since without it nothing can be undone.
    removeFile(layout.record);
    for (const folder of record.folders) removeIfEmpty(folder);
    return [...new Set(files)];
  } catch (error) {
    throw new CliError(`cannot remove it from ${prefix}: ${messageOf(error)}`, exitCodes.failed, error);
  }
};

/** With the compiled code that the shim keeps beside it. */
export const removeFile = (file: string): void => {
  rmSync(file, { force: true });
  for (const cache of cachesOf(file)) rmSync(cache, { force: true });
};

/** Removes the compiled code that the node of another version has kept, and what a daemon that was killed has begun. */
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
    // Somebody has put something of his own there.
  }
};
