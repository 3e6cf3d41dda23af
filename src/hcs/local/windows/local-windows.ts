/**
 * This Windows host as a compute system: a job object and its processes.
 *
 * The first process is its init. When the init exits, or the system is terminated, everything in the job is killed, and
 * `exit$` emits `ended` once nothing is left. Children of a process in the job belong to the job, so nothing escapes.
 *
 * Nothing is isolated: processes see the host's files, network and users.
 */
import { AsyncSubject, defer, Observable, of } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { ComputeSystem, Descriptors, SystemExit } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { act } from '../../native/process/stream-acts.js';
import { consoleStreams } from './console-streams.js';
import { createProcess } from './create-process.js';
import { handlePipeStreams } from './handle-pipe-streams.js';
import { type Job, openJob } from './job.js';
import { launchError } from './launch-error.js';
import { localProcess } from './local-process.js';
import { type Program, type ProgramDefaults, programOf } from './program.js';
import { windowsHostSignals } from './signals.js';
import type { Streams } from './streams.js';

export interface LocalWindowsSettings {
  readonly id: string;
  readonly detached: boolean;
  readonly defaults: () => ProgramDefaults;
}

/** The polling interval of the job, in milliseconds: it sends notifications only to a completion port. */
const [soon, seldom] = [1, 100];

export const localWindows = ({ id, detached, defaults }: LocalWindowsSettings): ComputeSystem => {
  const exit$ = new AsyncSubject<SystemExit>();
  let job: Job | undefined;
  let state: 'open' | 'ending' | 'gone' = 'open';
  let init: ComputeProcess | undefined;

  const leave = (exit: SystemExit): void => {
    if (state === 'gone') return;
    state = 'gone';
    job?.close();
    exit$.next(exit);
    exit$.complete();
  };

  const leaveWhenEmpty = (wait: number): void => {
    if (state === 'gone') return;
    try {
      if (job === undefined || job.pids().length === 0) {
        leave({ reason: 'ended' });
        return;
      }
      // Including a process that is just being started.
      job.terminate();
    } catch (error) {
      leave({ reason: 'lost', error });
      return;
    }
    setTimeout(leaveWhenEmpty, wait, Math.min(wait * 2, seldom));
  };

  const end = (): void => {
    if (state !== 'open') return;
    state = 'ending';
    // The exits of the processes are emitted before that of the system.
    setImmediate(leaveWhenEmpty, soon);
  };

  const mustBeOpen = (): void => {
    if (state !== 'open') throw new RxshimError('failedPrecondition', `system ${id} has ended`);
  };

  const create = (parameters: ProcessParameters, descriptors: Descriptors): Observable<ComputeProcess> =>
    new Observable((subscriber) => {
      mustBeOpen();
      if (typeof parameters !== 'object' || parameters === null)
        throw invalid('parameters', parameters, 'a process');
      const program = programOf(parameters, defaults());
      job ??= openJob(!detached);
      const process = launch(program, openStreams(parameters, descriptors, program), job);
      if (init === undefined) process.exit$.subscribe(end);
      init ??= process;
      subscriber.next(process);
      subscriber.complete();
    });

  return {
    id,
    os: 'windows',
    isOci: false,
    initInDocument: false,
    takesDescriptors: true,
    signals: windowsHostSignals(),
    exit$: exit$.asObservable(),
    start: () => act(mustBeOpen),
    createProcess: (parameters, descriptors = {}) => create(parameters, descriptors),
    // There is no graceful shutdown: a process that ignores the request would hang it.
    shutdown: () => act(end),
    terminate: () => act(end),
    // Running processes stay: closing a system does not end it.
    close: () => act(() => leave({ reason: 'closed' })),
    pids: () => defer(() => of(state === 'gone' ? [] : (job?.pids() ?? []))),
  };
};

const openStreams = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  { console }: Program,
): Streams => {
  if (!console) return handlePipeStreams(parameters, descriptors);
  const given = Object.values(descriptors).find((fd: unknown) => fd !== undefined);
  if (given !== undefined) throw invalid('descriptors', given, 'none for a process with a terminal');
  return consoleStreams(parameters, console);
};

const launch = (program: Program, streams: Streams, job: Job): ComputeProcess => {
  try {
    const started = createProcess({ ...program, connected: streams.child }, job.add);
    streams.started();
    return localProcess(started, streams);
  } catch (error) {
    streams.started();
    streams.close();
    throw launchError(program, error);
  }
};
