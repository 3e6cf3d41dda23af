/**
 * The record of an installation. Only what it names is ever replaced or removed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../hcs/failures/errors.js';
import { CliError, exitCodes } from '../options/usage.js';

export interface EarlierFile {
  /** Absolute. */
  readonly path: string;
  /** When another installation replaced it, in milliseconds since 1970. No daemon started later loads it. */
  readonly replacedAt: number;
}

export interface InstallRecord {
  readonly version: string;
  /** Absolute paths. */
  readonly files: readonly string[];
  /** Files of earlier installations, which their daemons may still load. */
  readonly earlier: readonly EarlierFile[];
  /** Folders that were created, the innermost first. */
  readonly folders: readonly string[];
}

/** @throws CliError if the record exists but cannot be read. */
export const readRecord = (path: string): InstallRecord | undefined => {
  try {
    const { earlier = [], ...record } = JSON.parse(readFileSync(path, 'utf8')) as WrittenRecord;
    return {
      ...record,
      earlier: earlier.map((file) => (typeof file === 'string' ? replacedNow(file) : file)),
    };
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new CliError(`cannot read ${path}: ${messageOf(error)}`, exitCodes.failed, error);
  }
};

/** Earlier versions recorded only paths, or nothing. */
type WrittenRecord = Omit<InstallRecord, 'earlier'> & {
  readonly earlier?: readonly (EarlierFile | string)[];
};

export const replacedNow = (path: string): EarlierFile => ({ path, replacedAt: Date.now() });

export const writeRecord = (path: string, record: InstallRecord): void =>
  writeFileSync(path, `${JSON.stringify(record, undefined, 2)}\n`);
