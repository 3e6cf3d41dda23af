/** Takes over an exec by its records. */
import type { AdoptedProcess, OutputStart } from '../../contract/adoption.js';
import { markOf } from '../../native/process/descendants/mark.js';
import { hostProcess } from '../../native/process/host-process.js';
import { runningIn } from '../cgroup/processes.js';
import type { ContainerState } from '../container-state.js';
import { execTree } from '../exec/tree.js';
import { forgottenWhenClosed } from '../records/forgotten-when-closed.js';
import type { ProcessRecords } from '../records/process-records.js';
import { type Attached, attach, endedLaunch } from './attach.js';
import { recordedOutput } from './recorded-output.js';

/** `undefined` if its record does not say which exec it is. */
export const adoptExec = (
  container: ContainerState,
  records: ProcessRecords,
  output: OutputStart,
): AdoptedProcess | undefined => {
  const process = records.process();
  if (process.kind !== 'read') return undefined;
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
