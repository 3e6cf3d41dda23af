/**
 * The records of one container in a guest: `c-ID/task` before it is requested, `c-ID/created` when the guest has
 * created it, `c-ID/init/` and `c-ID/execs/…/` for its processes.
 *
 * The invariant: the directory appears whole and disappears whole, by a rename. It appears before the guest is asked for
 * the container, and disappears after the guest has deleted it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels } from '../../contract/ownership.js';
import {
  createRecordDirectory,
  isText,
  namesIn,
  newExecName,
  removeRecordDirectory,
} from '../../native/records/record-directory.js';
import { type RecordRead, readRecord, writeRecord } from '../../native/records/record-file.js';
import { isFields } from '../protocol/json.js';
import type { ModificationRequest } from '../protocol/messages.js';
import { type ProcessRecord, processRecord } from './process-record.js';

/** A container, as it was requested. */
export interface ContainerRecord {
  readonly id: string;
  /** The activity of the request that creates it, which the notification of its end repeats. */
  readonly activity: string;
  /** The run of the agent, if it says so: another run has not this container. */
  readonly instance?: string;
  readonly labels: Labels;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly bundle: string;
  /** Modifications on delete. */
  readonly undo: readonly ModificationRequest[];
}

export interface ContainerRecords {
  task(): RecordRead<ContainerRecord>;
  /** @throws RxshimError `alreadyExists` if there are records of a container with this id. */
  create(record: ContainerRecord): void;
  readonly isCreated: boolean;
  created(): void;
  readonly init: ProcessRecord;
  /** The record of a new exec, not yet written. */
  newExec(): ProcessRecord;
  /** In the order of their creation. */
  execs(): readonly ProcessRecord[];
  remove(): void;
}

export const containerRecords = (place: string, id: string): ContainerRecords => {
  const own = `${prefix}${encodeURIComponent(id)}`;
  const directory = join(place, own);
  const execsAt = join(directory, 'execs');
  const createdAt = join(directory, 'created');
  return {
    task: () => readRecord(join(directory, 'task'), isContainer),
    create: (record) =>
      createRecordDirectory(place, own, id, (part) => void writeRecord(join(part, 'task'), record)),
    get isCreated() {
      return readRecord(createdAt, isFields).kind === 'read';
    },
    created: () => void writeRecord(createdAt, {}),
    init: processRecord(join(directory, 'init')),
    newExec: () => processRecord(join(execsAt, newExecName())),
    execs: () =>
      namesIn(execsAt)
        .sort()
        .map((name) => processRecord(join(execsAt, name))),
    remove: () => removeRecordDirectory(place, own),
  };
};

/** The ids that have records. What a program that was killed has left half created or half removed is removed. */
export const recordedContainers = (place: string): readonly string[] =>
  namesIn(place).flatMap((name) => {
    if (name.startsWith(prefix)) return decodeURIComponent(name.slice(prefix.length));
    // A guest has one host at a time, so it is not being written now.
    if (name.startsWith('.')) rmSync(join(place, name), { recursive: true, force: true });
    return [];
  });

/** An id may begin with a dot, or be one. */
const prefix = 'c-';

const isContainer = (record: unknown): record is ContainerRecord => {
  if (!isFields(record)) return false;
  const { id, activity, instance, labels, createdAt, bundle, undo } = record;
  return (
    [id, activity, bundle].every(isText) &&
    (instance === undefined || isText(instance)) &&
    isFields(labels) &&
    Object.values(labels).every(isText) &&
    Number.isFinite(createdAt) &&
    Array.isArray(undo) &&
    undo.every(isFields)
  );
};
