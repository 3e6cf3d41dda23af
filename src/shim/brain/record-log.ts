/**
 * The records that a brain leaves for the next one: values by key, in a file in memory that the keeper holds.
 *
 * Nothing is on disk; the file disappears with the keeper, as its containers do. The invariant: whenever this process is
 * killed, a reader finds each entry whole or not at all, and the last whole entry of a key is its value.
 */
import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { memoryFile } from '../../hcs/native/descriptor/memory-file.js';
import type { KeptThings } from '../../hcs/native/process/child-host.js';

export interface RecordLog {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  /** In the order in which they were first set. */
  keys(prefix: string): readonly string[];
}

type Entry = readonly [key: string, value?: unknown];

/** The version of the format. Other versions cannot be read. */
const version = 2;
const headSize = 4;
const prefix = 'records/';

/** A file is rewritten when it has this size and is four times as large as its current entries. */
const compactFrom = 1024 * 1024;

export const recordLog = (
  kept: Pick<KeptThings, 'keep' | 'take' | 'release'>,
  held: readonly string[],
): RecordLog => {
  const values = new Map<string, string>();
  let number = 0;
  let file = -1;
  let size = 0;
  let live = 0;

  const append = (text: string): void => {
    const body = Buffer.from(text);
    const entry = Buffer.allocUnsafe(headSize + body.length);
    entry.writeUInt32BE(body.length, 0);
    body.copy(entry, headSize);
    let written = 0;
    while (written < entry.length)
      written += writeSync(file, entry, written, entry.length - written, size + written);
    size += entry.length;
  };

  const begin = (): void => {
    const [before, old] = [file, number];
    number += 1;
    file = memoryFile('rxshim-records');
    size = 0;
    append(JSON.stringify(['version', version]));
    for (const [key, text] of values) append(`[${JSON.stringify(key)},${text}]`);
    // Only now may a reader find it; of two the later one holds.
    kept.keep(`${prefix}${number}`, file);
    if (before < 0) return;
    closeSync(before);
    kept.release(`${prefix}${old}`);
  };

  const change = (key: string, text: string | undefined): void => {
    live += (text?.length ?? 0) - (values.get(key)?.length ?? 0);
    if (text === undefined) values.delete(key);
    else values.set(key, text);
  };

  const put = (key: string, text: string | undefined): void => {
    change(key, text);
    append(text === undefined ? `[${JSON.stringify(key)}]` : `[${JSON.stringify(key)},${text}]`);
    if (size > compactFrom && size > 4 * live) begin();
  };

  const read = (descriptor: number): void => {
    const all = Buffer.alloc(fstatSync(descriptor).size);
    const length = readSync(descriptor, all, 0, all.length, 0);
    for (const { entry, end } of entriesIn(all.subarray(0, length))) {
      const [key, value] = entry;
      if (size === 0 && (key !== 'version' || value !== version))
        throw new Error(`the records have version ${JSON.stringify(value)}, not ${version}`);
      if (size > 0) change(key, entry.length === 1 ? undefined : JSON.stringify(value));
      size = end;
    }
    // Drops an entry that was only partly written.
    ftruncateSync(descriptor, size);
  };

  const numbers = held
    .filter((name) => name.startsWith(prefix))
    .map((name) => Number(name.slice(prefix.length)));
  number = Math.max(0, ...numbers);
  const found = number === 0 ? undefined : kept.take(`${prefix}${number}`);
  for (const other of numbers) if (other !== number) kept.release(`${prefix}${other}`);
  if (found !== undefined) {
    file = found;
    read(file);
  } else {
    begin();
  }

  return {
    get: (key) => {
      const text = values.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    set: (key, value) => put(key, JSON.stringify(value)),
    delete: (key) => {
      if (values.has(key)) put(key, undefined);
    },
    keys: (start) => [...values.keys()].filter((key) => key.startsWith(start)),
  };
};

function* entriesIn(all: Buffer): Generator<{ readonly entry: Entry; readonly end: number }> {
  let at = 0;
  while (at + headSize <= all.length) {
    const end = at + headSize + all.readUInt32BE(at);
    if (end > all.length) return;
    yield { entry: JSON.parse(all.toString('utf8', at + headSize, end)) as Entry, end };
    at = end;
  }
}
