/**
 * The records of one container, below the directory of records: `ID/task`, `ID/init/` and `ID/execs/…/`.
 *
 * The invariant: a directory of records appears whole and disappears whole, by a rename. It appears before the runtime is
 * asked to create the container, and disappears after the runtime has deleted it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels } from '../../contract/ownership.js';
import { killed } from '../../native/process/send-signal.js';
import {
  createRecordDirectory,
  isText,
  namesIn,
  newExecName,
  removed,
  removeRecordDirectory,
  unfinished,
} from '../../native/records/record-directory.js';
import { type RecordRead, readRecord, writeRecord } from '../../native/records/record-file.js';
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

export const taskRecords = (place: string, id: string): TaskRecords => {
  const directory = join(place, id);
  const execsAt = join(directory, 'execs');
  return {
    directory,
    task: () => readRecord(join(directory, 'task'), isTask),
    create: (record, { terminal }) =>
      createRecordDirectory(place, id, id, (part) => {
        newProcessRecords(join(part, 'init'), { id: '', terminal, createdAt: record.createdAt });
        writeRecord(join(part, 'task'), record);
      }),
    init: processRecords(join(directory, 'init')),
    addExec: (execId, terminal) =>
      newProcessRecords(join(execsAt, newExecName()), {
        id: execId,
        terminal,
        createdAt: Date.now(),
      }),
    execs: () =>
      namesIn(execsAt)
        .sort()
        .map((name) => processRecords(join(execsAt, name))),
    remove: () => removeRecordDirectory(place, id),
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
