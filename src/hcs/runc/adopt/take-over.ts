/**
 * Takes over a container whose processes are children of a host that outlives its owners. No runtime command is needed,
 * and every exit is known.
 */
import { of } from 'rxjs';
import type { ComputeProcess, ProcessExit } from '../../contract/compute-process.js';
import { RxshimError } from '../../failures/errors.js';
import { streamsKept } from '../../native/pipe/kept-streams.js';
import { type CallerStreams, noStreams } from '../../native/pipe/streams.js';
import { childHost } from '../../native/process/child-host.js';
import { markOf } from '../../native/process/descendants/mark.js';
import { hostProcess } from '../../native/process/host-process.js';
import type { Launched } from '../../native/process/launched.js';
import { readConfig } from '../config.js';
import type { ContainerState } from '../container-state.js';
import { execTree } from '../exec/tree.js';
import { initProcess } from '../init/create.js';
import { streamKeeper } from '../launch/stream-keeper.js';

/** A process as its earlier owner has recorded it. */
export interface KnownProcess {
  readonly pid: number;
  /** As `startedAfter` of the host answered. */
  readonly after: string;
  /** Where it is recorded. */
  readonly exit?: ProcessExit;
  /** The streams that its caller wants. */
  readonly stdin: boolean;
  readonly stdout: boolean;
}

export interface KnownContainer {
  /** The user's program was started. */
  readonly started: boolean;
  readonly paused: boolean;
  readonly init: KnownProcess;
  readonly execs: ReadonlyMap<string, KnownProcess>;
}

export interface TakenOver {
  readonly init: ComputeProcess;
  readonly execs: ReadonlyMap<string, ComputeProcess>;
}

/** @throws RxshimError `failedPrecondition` unless the container is new here and the host outlives its owners. */
export const takeOver = (container: ContainerState, known: KnownContainer): TakenOver => {
  const { id } = container.settings;
  if (container.phase !== 'new') throw new RxshimError('failedPrecondition', `take over container ${id}`);
  container.config = readConfig(container.settings.bundle);
  container.phase = known.started ? 'running' : 'created';
  container.paused = known.paused;
  container.takenOver = true;
  const init = initOf(container, known.init);
  const execs = [...known.execs].map(([execId, exec]) => [execId, execOf(container, execId, exec)] as const);
  return { init, execs: new Map(execs) };
};

const initOf = (container: ContainerState, known: KnownProcess): ComputeProcess => {
  const launched = launchedOf(known);
  // The cgroup of an init that has ended may be that of another process with its pid.
  const process = initProcess(container, {
    launched: hasEnded(launched) ? { ...launched, pid: 0 } : launched,
    streams: streamsOf(container.settings.id, '', known),
  });
  return { ...process, pid: known.pid };
};

const execOf = (container: ContainerState, execId: string, known: KnownProcess): ComputeProcess => {
  const launched = launchedOf(known);
  const isRunning = !hasEnded(launched);
  const mark = isRunning ? markOf(known.pid) : undefined;
  if (mark !== undefined) {
    container.marks.adopt(mark);
    launched.exit$.subscribe(() => container.marks.ended(mark));
  }
  if (isRunning) container.tracker.track(launched);
  const streams = streamsOf(container.settings.id, execId, known);
  return hostProcess(launched, streams, execTree(container, launched, mark));
};

const launchedOf = ({ pid, after, exit }: KnownProcess): Launched =>
  exit === undefined ? host().follow(pid, after) : { pid, exit$: of(exit), send: () => false };

const host = () => {
  const { kept } = childHost();
  if (kept === undefined)
    throw new RxshimError('failedPrecondition', 'processes of this host end with their owner');
  return kept;
};

const hasEnded = ({ exit$ }: Launched): boolean => {
  let ended = false;
  exit$.subscribe(() => (ended = true)).unsubscribe();
  return ended;
};

const streamsOf = (id: string, execId: string, { stdin, stdout }: KnownProcess): CallerStreams => {
  const keeper = streamKeeper(id, execId);
  if (keeper === undefined) return noStreams;
  return streamsKept({ CreateStdInPipe: stdin, CreateStdOutPipe: stdout }, keeper);
};
