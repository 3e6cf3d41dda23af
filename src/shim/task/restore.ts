/**
 * The containers of an earlier daemon, restored from its records over the processes and streams that their host has kept.
 *
 * A creation that had not yet led to an init is undone: the caller of Create still waits, and its call is delivered again.
 */
import { closeSync } from 'node:fs';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { EMPTY, firstValueFrom, lastValueFrom, of } from 'rxjs';
import type { ProcessExit } from '../../hcs/contract/compute-process.js';
import { exited, signaled } from '../../hcs/contract/exit-code.js';
import { RxshimError } from '../../hcs/failures/errors.js';
import { childHost } from '../../hcs/native/process/child-host.js';
import { leftExec, removeContainer } from '../../hcs/runc/index.js';
import type { KnownProcess, RuncContainer } from '../../hcs/runc/runc-container.js';
import { serialQueue } from '../../operators/serial-queue.js';
import { directEvents } from '../../streams/event-outbox.js';
import { taskEvent } from '../../streams/events.js';
import { reduce } from '../../streams/exec/state/reduce.js';
import { type State as ExecState, initialState } from '../../streams/exec/state/state.js';
import { lateUpstream } from '../../streams/stdio/upstream/late-upstream.js';
import { openUpstream } from '../../streams/stdio/upstream/open-upstream.js';
import type { StdioRequest } from '../../streams/stdio/upstream/stdio-request.js';
import type { UpstreamIo } from '../../streams/stdio/upstream.js';
import { type RestoredExec, restoreTask } from '../../streams/task/restore-task.js';
import { type IdMap, noIds, setId } from '../../streams/task/state/id-map.js';
import { hasInit, isDeleted } from '../../streams/task/state/lifecycle.js';
import type { ExecProcessRequest } from '../messages/index.js';
import { runtimeOptionsOf } from '../options/runtime-options.js';
import { unmountRootfs, withRootfs } from '../rootfs/with-rootfs.js';
import { describedBy, engineOf, type ShimPorts, stdioOf, taskOptions, watched } from './container.js';
import type { Containers } from './containers.js';
import { specOf } from './exec-spec.js';
import type { Pausing, RecordedContainer, RecordedProcess, ShimRecords } from './records.js';

type Ports = ShimPorts & { readonly records: ShimRecords };

/** Resolves when each is restored, or the log says why it is not. */
export const restoreContainers = async (containers: Containers, ports: Ports): Promise<void> => {
  for (const recorded of ports.records.recorded()) {
    const { id } = recorded.request;
    try {
      if (recorded.init === undefined || !hasInit(recorded.task?.phase ?? 'opening'))
        await undo(recorded, ports);
      else if (isDeleted({ phase: recorded.task?.phase ?? 'opening' })) finishDeletion(recorded, ports);
      else await restore({ ...recorded, init: recorded.init }, containers, ports);
    } catch (err) {
      ports.log?.error({ err, id }, 'a container could not be restored');
    }
  }
};

const undo = async ({ request }: RecordedContainer, ports: Ports): Promise<void> => {
  const { id, bundle } = request;
  const described = describedBy(request, await runtimeOptionsOf(request.options), ports);
  await lastValueFrom(removeContainer({ id, bundle, ...described }), { defaultValue: undefined });
  await unmountRootfs(bundle);
  ports.records.removed(id);
};

/** Nothing of it is left but its last event, which may be out. */
const finishDeletion = ({ request, task, init }: RecordedContainer, ports: Ports): void => {
  const { pid = 0, exit } = init?.state ?? {};
  if (task?.phase === 'deleted')
    ports.publish(
      taskEvent('TaskDelete', request.id, {
        id: '',
        pid,
        exitStatus: exit?.status ?? 0,
        exitedAt: exit === undefined ? undefined : new Date(exit.at),
      }),
    );
  ports.records.removed(request.id);
};

/** Whether it is frozen, where that was being changed. The event follows the change. */
const pausingOf = async (
  { request, pausing, init }: RecordedContainer,
  system: RuncContainer,
  ports: Ports,
): Promise<Pausing> => {
  if (pausing === 'no' || init?.state.exit !== undefined) return pausing;
  const isFrozen = await firstValueFrom(system.isFrozen?.() ?? of(false));
  if (isFrozen && pausing === 'pausing') ports.publish(taskEvent('TaskPaused', request.id, {}));
  if (!isFrozen && pausing === 'paused') ports.publish(taskEvent('TaskResumed', request.id, {}));
  return isFrozen ? 'paused' : 'no';
};

const restore = async (
  recorded: RecordedContainer & { readonly init: RecordedProcess },
  containers: Containers,
  ports: Ports,
): Promise<void> => {
  const { request, init } = recorded;
  const { id, bundle, rootfs, checkpoint } = request;
  const described = describedBy(request, await runtimeOptionsOf(request.options), ports);
  const system = withRootfs(engineOf(request, described, ports), bundle, rootfs);
  if (system.takeOver === undefined) throw new RxshimError('notImplemented', `take over container ${id}`);
  const pausing = await pausingOf(recorded, system, ports);
  ports.records.pausing(id, pausing);
  const execs = [...recorded.execs].map(([execId, exec]) => ({
    execId,
    ...startedOrNot(bundle, execId, exec),
    stdio: stdioOf(exec.request),
    spec: specOf(exec.request.spec, exec.request.terminal),
  }));
  const initState = { ...initialState, ...init.state };
  const stdio = stdioOf(request);
  const taken = system.takeOver({
    started: initState.phase !== 'created' && (initState.phase !== 'starting' || initState.prepared),
    paused: pausing !== 'no',
    init: knownProcess(init, stdio),
    execs: new Map(
      execs.flatMap(({ execId, state, process, stdio: its }) =>
        state.pid === 0 || state.phase === 'released' ? [] : [[execId, knownProcess(process, its)]],
      ),
    ),
  });
  const open = (state: ExecState, its: StdioRequest) => openAgain(id, state, its, ports);
  const initUpstream = await open(initState, stdio);
  const restoredExecs = new Map<string, RestoredExec>();
  for (const { execId, state, stdio: its, spec } of execs) {
    const process = taken.execs.get(execId);
    const upstream = await open(state, its);
    restoredExecs.set(execId, { state, upstream, spec, ...(process && { process }) });
  }
  const { spans, end } = watched(system, ports, ROOT_CONTEXT);
  const task = restoreTask(
    { makeSink: directEvents, idsAreSeparate: true, recorder: ports.records.recorderOf(id) },
    {
      ...taskOptions(request, system, ports),
      stdio,
      publish: (event) => {
        ports.publish(event, { rootfs, checkpoint });
        return EMPTY;
      },
    },
    {
      state: {
        ...recorded.task,
        // The id of an exec that was only being made is free again: its call comes again.
        execs: [...restoredExecs.keys()].reduce<IdMap<'added'>>(
          (ids, each) => setId(ids, each, 'added'),
          noIds,
        ),
      },
      init: { state: initState, process: taken.init, upstream: initUpstream },
      execs: restoredExecs,
    },
  );
  const queue = serialQueue(ports.scheduler);
  containers.restored({ id, bundle, system, task, context: spans, pausing, queue, end });
};

/** A start without a process begins again; a start with one continues from there. */
const startedOrNot = (
  bundle: string,
  execId: string,
  { request, ...recorded }: RecordedProcess & { readonly request: ExecProcessRequest },
): { readonly state: ExecState; readonly process: RecordedProcess } => {
  const state = { ...initialState, ...recorded.state };
  if (state.phase !== 'starting' || state.pid !== 0) return { state, process: recorded };
  const left = leftExec(bundle, execId);
  if (left === undefined) return { state: initialState, process: { state: initialState } };
  const { pid, after } = left;
  if (request.terminal && !hasTerminal(request.id, execId)) {
    // Its terminal went with the daemon that was to get it, and hangs up.
    childHost().kept?.follow(pid, after).send(9);
    return { state: initialState, process: { state: initialState } };
  }
  const launched = reduce({ ...state, prepared: true }, { type: 'launched', pid, tree: true });
  return { state: launched, process: { state: launched, after } };
};

const hasTerminal = (id: string, execId: string): boolean => {
  const master = childHost().kept?.take(`${id}/${execId}/terminal`);
  if (master !== undefined) closeSync(master);
  return master !== undefined;
};

const knownProcess = ({ state, after = '0' }: RecordedProcess, stdio: StdioRequest): KnownProcess => {
  const exit = exitIn(state);
  return {
    pid: state.pid ?? 0,
    after,
    ...(exit && { exit }),
    stdin: isAsked(stdio.stdin),
    stdout: isAsked(stdio.stdout),
  };
};

const isAsked = (stream: unknown): boolean => stream !== undefined && stream !== '';

/** The recorded exit, if it is a real one. For any other the process may still report its own. */
const exitIn = ({ exit }: Partial<ExecState>): ProcessExit | undefined => {
  if (exit?.kind === 'exited') return exited(exit.code);
  return exit?.kind === 'signaled' ? signaled(exit.signal) : undefined;
};

/** Opened where output is copied, or may be. */
const openAgain = async (
  containerId: string,
  { phase, state, pid }: ExecState,
  stdio: StdioRequest,
  { namespace, scheduler, log }: ShimPorts,
): Promise<UpstreamIo> => {
  const options = { scheduler, ...(log && { log }) };
  const opening = () => openUpstream(stdio, { containerId, namespace }, options);
  if (phase === 'releasing' || phase === 'released' || (state === 'created' && pid === 0))
    return lateUpstream(stdio, opening);
  try {
    return await firstValueFrom(opening());
  } catch (err) {
    log?.warn({ err, id: containerId }, 'the streams of a process could not be opened again');
    return lateUpstream(stdio, () => EMPTY);
  }
};
