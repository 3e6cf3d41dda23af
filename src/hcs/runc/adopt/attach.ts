/** Attaches to a recorded process, or stands for one that has ended. */
import { map, of } from 'rxjs';
import type { ProcessExit } from '../../contract/compute-process.js';
import { unknownExit } from '../../contract/exit-code.js';
import { foreignProcess } from '../../native/process/foreign.js';
import type { Launched } from '../../native/process/launched.js';
import type { ProcessRecords } from '../records/process-records.js';

export interface Attached extends Launched {
  readonly isRunning: boolean;
}

/** `undefined` if it does not run any more. Its exit is recorded as soon as it is known. */
export const attach = (records: ProcessRecords, pid: number, isIt: () => boolean): Attached | undefined => {
  const process = foreignProcess(pid, isIt);
  if (process === undefined) return undefined;
  records.started(pid);
  process.exit$.subscribe((exit) => records.exited(exit));
  // Some kernels report the exit status to the parent only, which may have recorded it.
  return { ...process, exit$: process.exit$.pipe(map((exit) => recordedOr(records, exit))), isRunning: true };
};

export const endedLaunch = (records: ProcessRecords, pid: number): Attached => ({
  pid,
  exit$: of(recordedOr(records, unknownExit('it ended while no program watched it'))),
  send: () => false,
  isRunning: false,
});

const recordedOr = (records: ProcessRecords, exit: ProcessExit): ProcessExit =>
  exit.kind === 'unknown' ? (records.exit() ?? exit) : exit;
