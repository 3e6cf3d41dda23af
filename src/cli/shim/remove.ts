/** Takes an installation away: what its record names, and nothing else. */
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { messageOf } from '../../hcs/errors.js';
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
    const files = [layout.launcher, ...record.files, ...record.earlier];
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
  if (!file.endsWith('.cjs')) return;
  const [folder, name] = [file.slice(0, file.lastIndexOf('/')), file.slice(file.lastIndexOf('/') + 1)];
  for (const kept of namesIn(folder)) {
    if (kept.startsWith(`${name}.`) && kept.includes('.cache')) rmSync(`${folder}/${kept}`, { force: true });
  }
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
