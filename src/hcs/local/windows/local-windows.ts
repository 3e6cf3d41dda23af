/**
 * This Windows host itself as a compute system: a job object, and the processes in it.
 *
 * The first process is its init. When init ends, or the system is terminated, everything in the job is ended, and
 * `exit$` tells "ended" once nothing is left. What a process of the job starts is in the job: nothing gets away.
 *
 * Nothing is isolated: processes see the host's files, network and users.
 */
import { AsyncSubject, defer, Observable, of } from 'rxjs';
import type { ComputeProcess } from '../../contract/compute-process.js';
import type { ComputeSystem, Descriptors, SystemExit } from '../../contract/compute-system.js';
import type { ProcessParameters } from '../../contract/process-parameters.js';
import { invalid, RxshimError } from '../../failures/errors.js';
import { consoleStreams } from './console-streams.js';
import { createProcess } from './create-process.js';
import { type Job, openJob } from './job.js';
import { launchError } from './launch-error.js';
import { act, localProcess } from './local-process.js';
import { pipeStreams } from './pipe-streams.js';
import { type Program, type ProgramDefaults, programOf } from './program.js';
import { windowsHostSignals } from './signals.js';
import type { Streams } from './streams.js';

export interface LocalWindowsSettings {
  readonly id: string;
  readonly detached: boolean;
  readonly defaults: () => ProgramDefaults;
}

/** How long to wait before the job is looked at again, in milliseconds: it tells by itself only to a port. */
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
      // Also what was starting just now.
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
    // Whoever hears of the system's end has heard of its processes'.
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
    // There is no way to ask: what would be one is answered by what does not listen.
    shutdown: () => act(end),
    terminate: () => act(end),
    // What still runs is left to run: letting go of a system does not end it.
    close: () => act(() => leave({ reason: 'closed' })),
    pids: () => defer(() => of(state === 'gone' ? [] : (job?.pids() ?? []))),
  };
};

const openStreams = (
  parameters: ProcessParameters,
  descriptors: Descriptors,
  { console }: Program,
): Streams => {
  if (!console) return pipeStreams(parameters, descriptors);
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
