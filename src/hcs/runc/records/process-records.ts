/**
 * The record of one process of a container: a directory with its outputs and records.
 *
 *     process   what it is; written before the runtime is asked for it
 *     pid       its pid file, written by the runtime itself
 *     started   its pid with its start time, by which the process is identified
 *     exit      how it ended, by the first program that has found out
 *     stdout, stderr, and beside each how much of it was read
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessExit } from '../../contract/compute-process.js';
import { hasCode } from '../../contract/exit-code.js';
import { bootId, startTimeOf } from '../../native/process/start-time.js';
import { type RecordRead, readRecord, writeRecord } from '../../native/records/record-file.js';

export interface ProcessRecord {
  /** Empty for the init. */
  readonly id: string;
  readonly terminal: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface StartRecord {
  readonly pid: number;
  readonly startTime: string;
  readonly boot: string;
}

export interface ProcessRecords {
  readonly directory: string;
  readonly pidFile: string;
  process(): RecordRead<ProcessRecord>;
  started(pid: number): void;
  /** The pid, also where only the pid file of the runtime is there. */
  pid(): number | undefined;
  /** Whether the process that has the pid now is the recorded one. `undefined`: its start is not recorded. */
  isRunning(): boolean | undefined;
  exited(exit: ProcessExit): void;
  exit(): ProcessExit | undefined;
  output(name: 'stdout' | 'stderr'): string;
  remove(): void;
}

/** Creates the directory of a process, with its first record. */
export const newProcessRecords = (directory: string, record: ProcessRecord): ProcessRecords => {
  mkdirSync(directory, { mode: 0o700 });
  writeRecord(join(directory, 'process'), record);
  return processRecords(directory);
};

export const processRecords = (directory: string): ProcessRecords => {
  const path = (name: string): string => join(directory, name);
  const start = (): RecordRead<StartRecord> => readRecord(path('started'), isStart);
  return {
    directory,
    pidFile: path('pid'),
    process: () => readRecord(path('process'), isProcess),
    started: (pid) => {
      const startTime = startTimeOf(pid);
      if (startTime !== undefined)
        ifThere(directory, () => writeRecord(path('started'), { pid, startTime, boot: bootId() }));
    },
    pid: () => {
      const started = start();
      return started.kind === 'read' ? started.record.pid : pidIn(path('pid'));
    },
    isRunning: () => {
      const started = start();
      if (started.kind !== 'read') return undefined;
      const { pid, startTime, boot } = started.record;
      return boot === bootId() && startTimeOf(pid) === startTime;
    },
    // An exit that could not be found out is not recorded: another program may know more.
    exited: (exit) => {
      if (hasCode(exit)) ifThere(directory, () => writeRecord(path('exit'), { at: Date.now(), ...exit }));
    },
    exit: () => {
      const exit = readRecord(path('exit'), isExit);
      return exit.kind === 'read' ? exit.record : undefined;
    },
    output: path,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

/** Another program may have removed the task meanwhile. */
const ifThere = (directory: string, write: () => unknown): void => {
  try {
    write();
  } catch (error) {
    if (existsSync(directory)) throw error;
  }
};

const pidIn = (path: string): number | undefined => {
  try {
    const text = readFileSync(path, 'latin1').slice(0, 100);
    return /^\s*[1-9]\d{0,9}\s*$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
};

const fieldsOf = (record: unknown): Readonly<Record<string, unknown>> =>
  typeof record === 'object' && record !== null ? (record as Record<string, unknown>) : {};

const isProcess = (record: unknown): record is ProcessRecord => {
  const { id, terminal, createdAt } = fieldsOf(record);
  return typeof id === 'string' && typeof terminal === 'boolean' && Number.isFinite(createdAt);
};

const isStart = (record: unknown): record is StartRecord => {
  const { pid, startTime, boot } = fieldsOf(record);
  return (
    Number.isSafeInteger(pid) &&
    (pid as number) > 1 &&
    typeof startTime === 'string' &&
    typeof boot === 'string'
  );
};

const isExit = (record: unknown): record is ProcessExit => {
  const { at } = fieldsOf(record);
  return hasCode(record as ProcessExit) && Number.isFinite(at);
};
