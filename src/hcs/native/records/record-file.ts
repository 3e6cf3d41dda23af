/**
 * One record in a file: written once, whole, and never changed.
 *
 * The invariant: even if the writer is killed at any moment, a reader finds the whole record or none. A record that was
 * damaged by something else is recognized by its checksum and is never taken for a valid one.
 */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { messageOf } from '../../failures/errors.js';

const version = 1;
/** Larger than any record: a damaged file may have any size. */
const maxSize = 4 * 1024 * 1024;

/** Why there is no valid record: there is no file, or it cannot be read. */
export type NoRecord = { readonly kind: 'absent' } | { readonly kind: 'unreadable'; readonly reason: string };

export type RecordRead<T> = { readonly kind: 'read'; readonly record: T } | NoRecord;

/**
 * Writes a record, unless there is one. If two write at once, the first wins.
 * @returns whether it was written.
 */
export const writeRecord = (path: string, record: object): boolean => {
  const text = JSON.stringify(record);
  const part = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
  writeFileSync(part, `${JSON.stringify({ version, sum: sumOf(text) })}\n${text}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  try {
    // Unlike a rename this replaces nothing.
    linkSync(part, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(part);
  }
};

/** @param isValid checks the form of the record. */
export const readRecord = <T>(path: string, isValid: (record: unknown) => record is T): RecordRead<T> => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'absent' };
    return unreadable(messageOf(error));
  }
  if (text.length > maxSize) return unreadable('it is too large');
  return parsed(text, isValid);
};

const parsed = <T>(text: string, isValid: (record: unknown) => record is T): RecordRead<T> => {
  const [head = '', body = '', ...rest] = text.split('\n');
  try {
    const { version: itsVersion, sum } = JSON.parse(head) as { version?: unknown; sum?: unknown };
    if (itsVersion !== version)
      return unreadable(`it has version ${JSON.stringify(itsVersion)}, not ${version}`);
    if (sum !== sumOf(body) || rest.length !== 1 || rest[0] !== '') return unreadable('it is damaged');
    const record: unknown = JSON.parse(body);
    return isValid(record) ? { kind: 'read', record } : unreadable('it has another form');
  } catch {
    return unreadable('it is damaged');
  }
};

const unreadable = (why: string): NoRecord => ({
  kind: 'unreadable',
  reason: `its record cannot be read: ${why}`,
});

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
