/**
 * The record of one process in a guest: `request` before it is requested, then `pid`, then `exit`.
 *
 * The invariant: each is a record of its own, written once. So at any instant the last known fact is there, whole.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessExit } from '../../contract/compute-process.js';
import { hasCode } from '../../contract/exit-code.js';
import { isText } from '../../native/records/record-directory.js';
import { type RecordRead, readRecord, writeRecord } from '../../native/records/record-file.js';
import type { StdioPorts } from '../protocol/messages.js';

/** A process, as it was requested. */
export interface ProcessRequest {
  /** Its id; empty for the init. */
  readonly id: string;
  readonly terminal: boolean;
  readonly ports: StdioPorts;
  /** The activity of the request that creates it. */
  readonly activity: string;
  /** The ids of the request that creates it, and of the wait for its exit. */
  readonly executeId: string;
  readonly waitId: string;
}

export interface ProcessRecord {
  readonly directory: string;
  request(): RecordRead<ProcessRequest>;
  pid(): number | undefined;
  exit(): ProcessExit | undefined;
  requested(request: ProcessRequest): void;
  started(pid: number): void;
  /** The first exit counts. An unknown one is not recorded: another program may learn more. */
  exited(exit: ProcessExit): void;
  remove(): void;
}

export const processRecord = (directory: string): ProcessRecord => {
  const at = (name: string): string => join(directory, name);
  const write = (name: string, record: object): void => {
    try {
      writeRecord(at(name), record);
    } catch (error) {
      // Its container, or the exec itself, has been removed meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };
  return {
    directory,
    request: () => readRecord(at('request'), isRequest),
    pid: () => recordIn(readRecord(at('pid'), isStarted))?.pid,
    exit: () => recordIn(readRecord(at('exit'), isExit)),
    requested: (request) => {
      mkdirSync(directory, { mode: 0o700 });
      writeRecord(at('request'), request);
    },
    started: (pid) => write('pid', { pid }),
    exited: (exit) => {
      if (hasCode(exit)) write('exit', { at: Date.now(), ...exit });
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

const recordIn = <T>(read: RecordRead<T>): T | undefined => (read.kind === 'read' ? read.record : undefined);

const fieldsOf = (record: unknown): Readonly<Record<string, unknown>> => (record ?? {}) as never;
const isNumber = (value: unknown): value is number => Number.isInteger(value);

const isRequest = (record: unknown): record is ProcessRequest => {
  const { id, terminal, ports, activity, executeId, waitId } = fieldsOf(record);
  return (
    [id, activity].every(isText) &&
    [executeId, waitId].every((one) => isText(one) && /^\d{1,19}$/.test(one)) &&
    typeof terminal === 'boolean' &&
    typeof ports === 'object' &&
    Object.values(ports ?? {}).every(isNumber)
  );
};
const isStarted = (record: unknown): record is { readonly pid: number } => isNumber(fieldsOf(record)['pid']);
const isExit = (record: unknown): record is ProcessExit => hasCode(record as ProcessExit);
