/**
 * What an installation put where. Only what is in it is ever replaced or removed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../hcs/errors.js';
import { CliError, exitCodes } from '../options/usage.js';

export interface InstallRecord {
  readonly version: string;
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Files of the installation before, which its daemons may still load. */
  readonly earlier: readonly string[];
  /** Folders that were not there before, the innermost first. */
  readonly folders: readonly string[];
}

/** @throws CliError when there is one that cannot be read. */
export const readRecord = (path: string): InstallRecord | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as InstallRecord;
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new CliError(`cannot read ${path}: ${messageOf(error)}`, exitCodes.failed, error);
  }
};

export const writeRecord = (path: string, record: InstallRecord): void =>
  writeFileSync(path, `${JSON.stringify(record, undefined, 2)}\n`);
