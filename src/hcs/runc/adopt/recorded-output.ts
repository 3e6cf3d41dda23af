/** The output of an adopted process: its files, and gaps where there are none. */
import { existsSync } from 'node:fs';
import type { OutputStart } from '../../contract/adoption.js';
import type { OutputGap } from '../../contract/output-gap.js';
import type { CallerStreams } from '../../native/pipe/streams.js';
import type { ProcessRecords } from '../records/process-records.js';
import { outputStreams } from '../records/recorded-streams.js';

export interface RecordedOutput {
  readonly caller: CallerStreams;
  readonly gaps: readonly OutputGap[];
  readonly ended: () => void;
}

export const recordedOutput = (
  records: ProcessRecords,
  start: OutputStart,
  terminal: boolean,
): RecordedOutput => {
  const has = (name: 'stdout' | 'stderr'): boolean => existsSync(records.output(name));
  const wanted = { stdout: has('stdout'), stderr: has('stderr') };
  // Without a file for stderr it shares that of stdout.
  const gaps: OutputGap[] =
    wanted.stdout || start === 'end' ? [] : [{ stream: 'stdout', reason: terminal ? heldTerminal : noFile }];
  return { ...outputStreams(records, start, wanted), gaps };
};

const heldTerminal = 'the terminal was held by the program that created the process';
const noFile = 'the process was not started, or its output file is gone';
