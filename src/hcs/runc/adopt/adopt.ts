/**
 * Takes over a container that another program has created, by the runtime's state and by the records.
 *
 * Processes that run are attached to by a pidfd. Those that have ended are reported with the recorded exit; without one
 * their exit is unknown.
 */
import { concat, defer, map, type Observable, throwError } from 'rxjs';
import type { AdoptedProcess, AdoptedSystem, AdoptRequest } from '../../contract/adoption.js';
import { RxshimError } from '../../failures/errors.js';
import { watchOrphans } from '../../native/process/descendants/orphans.js';
import { type Config, readConfig } from '../config.js';
import type { ContainerState } from '../container-state.js';
import { initProcess } from '../init/create.js';
import { noneInFlight } from '../records/in-flight.js';
import type { TaskRecord, TaskRecords } from '../records/task-records.js';
import { adoptExec } from './adopt-exec.js';
import { attach, endedLaunch } from './attach.js';
import { recordedOutput } from './recorded-output.js';
import { type RuntimeState, runtimeState } from './runtime-state.js';

export const adopt = (
  container: ContainerState,
  { output = 'left' }: AdoptRequest = {},
): Observable<AdoptedSystem> =>
  defer(() => {
    const { settings, runtime, records } = container;
    const { id } = settings;
    if (records === undefined || container.phase !== 'new')
      return throwError(() => cannotAdopt(id, 'it was created or adopted by this program'));
    const task = taskOf(records, id);
    watchOrphans();
    // The runtime goes on with what its owner had asked for.
    return concat(noneInFlight(records.init.pidFile, { kill: false }), runtimeState(runtime, id)).pipe(
      map((state): AdoptedSystem => {
        container.config = configOf(task);
        const init = adoptInit(container, records, state, output);
        const execs = records.execs().flatMap((exec) => adoptExec(container, exec, output) ?? []);
        return { init, execs, labels: task.labels, bundle: task.bundle };
      }),
    );
  });

const taskOf = (records: TaskRecords, id: string): TaskRecord => {
  const task = records.task();
  if (task.kind === 'read') return task.record;
  if (task.kind === 'absent') throw new RxshimError('notFound', `adopt container ${id}`);
  throw cannotAdopt(id, task.reason);
};

const cannotAdopt = (id: string, why: string): RxshimError =>
  new RxshimError('failedPrecondition', `adopt container ${id}: ${why}`);

const adoptInit = (
  container: ContainerState,
  { init: records }: TaskRecords,
  state: RuntimeState | undefined,
  output: NonNullable<AdoptRequest['output']>,
): AdoptedProcess => {
  const { id } = container.settings;
  const pid = records.pid();
  if (state === undefined ? pid === undefined : state.status === 'creating')
    throw cannotAdopt(id, 'its creation was interrupted');
  const isRunning = state !== undefined && state.status !== 'stopped' && state.pid > 0;
  // The runtime identifies its init by the start time.
  const launched = (isRunning && attach(records, state.pid, () => true)) || endedLaunch(records, pid ?? 0);
  container.paused = state?.status === 'paused';
  container.phase = state?.status === 'created' ? 'created' : 'running';
  const isTerminal = terminalOf(records.process());
  const streams = recordedOutput(records, output, isTerminal);
  // The cgroup of an init that has ended may be that of another process with its pid.
  const process = initProcess(container, {
    launched: launched.isRunning ? launched : { ...launched, pid: 0 },
    streams: streams.caller,
  });
  container.tracker.exit$.subscribe(streams.ended);
  return {
    id: '',
    phase: state?.status === 'created' ? 'created' : 'started',
    process: { ...process, pid: launched.pid, gaps: streams.gaps },
    terminal: isTerminal,
  };
};

const terminalOf = (process: ReturnType<TaskRecords['init']['process']>): boolean =>
  process.kind === 'read' && process.record.terminal;

/** Its bundle may be gone. */
const configOf = ({ bundle }: TaskRecord): Config | undefined => {
  try {
    return readConfig(bundle);
  } catch {
    return undefined;
  }
};
