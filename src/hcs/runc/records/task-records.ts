/**
 * What is recorded of one container, below the directory of records: `ID/task`, `ID/init/` and `ID/execs/…/`.
 *
 * The invariant: a directory of records appears whole and disappears whole, by a rename. It appears before the runtime is
 * asked to create the container, and disappears after the runtime has deleted it.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels } from '../../contract/ownership.js';
import { RxshimError } from '../../failures/errors.js';
import { killed } from '../../native/process/send-signal.js';
import { type RecordRead, readRecord, writeRecord } from '../../native/record-file.js';
import { newProcessRecords, type ProcessRecords, processRecords } from './process-records.js';

/** How the runtime is asked for the container. */
export interface TaskRecord {
  readonly id: string;
  readonly bundle: string;
  readonly binary: string;
  readonly root?: string;
  readonly systemdCgroup?: boolean;
  readonly labels: Labels;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface TaskRecords {
  readonly directory: string;
  task(): RecordRead<TaskRecord>;
  /** @throws RxshimError `alreadyExists` if there are records of a container with this id. */
  create(record: TaskRecord, init: { readonly terminal: boolean }): void;
  readonly init: ProcessRecords;
  addExec(id: string, terminal: boolean): ProcessRecords;
  /** In the order of their creation. */
  execs(): readonly ProcessRecords[];
  remove(): void;
}

const unfinished = '.new';
const removed = '.removed';

export const taskRecords = (place: string, id: string): TaskRecords => {
  const directory = join(place, id);
  const execsAt = join(directory, 'execs');
  return {
    directory,
    task: () => readRecord(join(directory, 'task'), isTask),
    create: (record, { terminal }) => {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      const part = join(place, `${unfinished}-${process.pid}-${randomBytes(6).toString('hex')}`);
      mkdirSync(part, { mode: 0o700 });
      try {
        mkdirSync(join(part, 'execs'), { mode: 0o700 });
        newProcessRecords(join(part, 'init'), { id: '', terminal, createdAt: record.createdAt });
        writeRecord(join(part, 'task'), record);
        renameSync(part, directory);
      } catch (error) {
        rmSync(part, { recursive: true, force: true });
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOTEMPTY' || code === 'EEXIST')
          throw new RxshimError('alreadyExists', `records of container ${id} in ${place}`, { cause: error });
        throw error;
      }
    },
    init: processRecords(join(directory, 'init')),
    addExec: (execId, terminal) =>
      newProcessRecords(join(execsAt, `${Date.now()}-${randomBytes(6).toString('hex')}`), {
        id: execId,
        terminal,
        createdAt: Date.now(),
      }),
    execs: () =>
      namesIn(execsAt)
        .sort()
        .map((name) => processRecords(join(execsAt, name))),
    remove: () => {
      const gone = join(place, `${removed}-${process.pid}-${randomBytes(6).toString('hex')}`);
      try {
        renameSync(directory, gone);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw error;
      }
      rmSync(gone, { recursive: true, force: true });
    },
  };
};

/** The ids that have records. */
export const recordedIds = (place: string): readonly string[] =>
  namesIn(place).filter((name) => !name.startsWith('.'));

/** Removes what programs that were killed have left half created or half removed. */
export const sweepRecords = (place: string): void => {
  for (const name of namesIn(place)) {
    const [kind, pid] = name.split('-');
    const isLeft = kind === removed || (kind === unfinished && !killed(Number(pid), 0));
    if (isLeft) rmSync(join(place, name), { recursive: true, force: true });
  }
};

const namesIn = (directory: string): string[] => {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
};

const isText = (value: unknown): value is string => typeof value === 'string';

const isTask = (record: unknown): record is TaskRecord => {
  const task = (record ?? {}) as Partial<Record<keyof TaskRecord, unknown>>;
  const { id, bundle, binary, root, systemdCgroup, labels, createdAt } = task;
  return (
    [id, bundle, binary].every(isText) &&
    (root === undefined || isText(root)) &&
    (systemdCgroup === undefined || typeof systemdCgroup === 'boolean') &&
    typeof labels === 'object' &&
    labels !== null &&
    Object.values(labels).every(isText) &&
    Number.isFinite(createdAt)
  );
};
