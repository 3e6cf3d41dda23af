/** Takes over an exec by its records. */
import { basename } from 'node:path';
import type { AdoptedProcess, OutputStart } from '../../contract/adoption.js';
import { unknownExit } from '../../contract/exit-code.js';
import { markOf } from '../../native/process/descendants/mark.js';
import { endedProcess } from '../../native/process/ended-process.js';
import { hostProcess } from '../../native/process/host-process.js';
import { forgottenWhenClosed } from '../../native/records/forgotten-when-closed.js';
import { runningIn } from '../cgroup/processes.js';
import type { ContainerState } from '../container-state.js';
import { execTree } from '../exec/tree.js';
import type { ProcessRecords } from '../records/process-records.js';
import { type Attached, attach, endedLaunch } from './attach.js';
import { recordedOutput } from './recorded-output.js';

/**
 * `undefined` if it was never requested. An exec whose record cannot be read is one with an unknown exit, and the name of
 * its record as its id: it may run, and cannot be found.
 */
export const adoptExec = (
  container: ContainerState,
  records: ProcessRecords,
  output: OutputStart,
): AdoptedProcess | undefined => {
  const process = records.process();
  if (process.kind === 'absent') return undefined;
  if (process.kind === 'unreadable') return damaged(records, process.reason);
  const { id, terminal } = process.record;
  const launched = launchedOf(container, records);
  const streams = recordedOutput(records, output, terminal);
  launched.exit$.subscribe(streams.ended);
  const mark = launched.isRunning ? markOf(launched.pid) : undefined;
  if (mark !== undefined) container.marks.adopt(mark);
  if (launched.isRunning) container.tracker.track(launched);
  const adopted = hostProcess(launched, streams.caller, execTree(container, launched, mark));
  return {
    id,
    phase: 'started',
    process: forgottenWhenClosed({ ...adopted, gaps: streams.gaps }, records),
    terminal,
  };
};

const launchedOf = (container: ContainerState, records: ProcessRecords): Attached => {
  const pid = records.pid();
  if (pid === undefined || records.isRunning() === false) return endedLaunch(records, pid ?? 0);
  // Without a start time, which was not recorded in time, the process must at least be one of this container.
  const isIt = (): boolean =>
    records.isRunning() ?? runningIn(container.cgroup, (listed) => listed === pid).length > 0;
  return attach(records, pid, isIt) ?? endedLaunch(records, pid);
};

const damaged = (records: ProcessRecords, reason: string): AdoptedProcess => {
  const process = endedProcess(0, unknownExit(reason));
  const id = basename(records.directory);
  return { id, phase: 'started', process: forgottenWhenClosed(process, records), terminal: false };
};
